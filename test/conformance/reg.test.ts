/** Section G: local names. */

import {
  type Actor,
  type Message,
  type MessageOf,
  name,
  type Pid,
  type ReplyTo,
  type Self,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import { puppet } from '../support/puppet.ts';
import { everySchedule } from '../support/schedules.ts';
import { answer } from '../support/supervised.ts';

const SEEDS = Array.from({ length: 100 }, (_, i) => i + 1);

test('REG-01 a name is registered, looked up, seen in info, unregistered, and then unknown', async () => {
  const system = testSystem();
  const p = await puppet(system);
  system.register('n', p.pid);
  expect(system.whereis('n')).toBe(p.pid);
  expect(system.info(p.pid)?.name).toBe('n');
  expect(system.actors().map((actor) => actor.name)).toContain('n');
  system.unregister('n');
  expect(system.whereis('n')).toBeUndefined();
  expect(system.info(p.pid)?.name).toBeUndefined();
});

test('REG-01 an actor has the same verbs', async () => {
  const system = testSystem();
  const p = await puppet(system);
  await p.does((self) => self.register('n', self.pid));
  expect(await p.does((self) => self.whereis('n'))).toBe(p.pid);
  await p.does((self) => self.unregister('n'));
  expect(await p.does((self) => self.whereis('n'))).toBeUndefined();
});

test('REG-02 a name in use cannot be registered again, by whomever, and its holder stays', async () => {
  const system = testSystem();
  const p = await puppet(system);
  const q = await puppet(system);
  system.register('n', p.pid);
  expect(() => system.register('n', q.pid)).toThrow(
    new TypeError(`Cannot register "n": the name belongs to ${String(p.pid)}`),
  );
  expect(() => system.register('n', p.pid)).toThrow(TypeError);
  expect(system.whereis('n')).toBe(p.pid);
  expect(system.info(q.pid)?.name).toBeUndefined();
});

test('REG-03 an actor has at most one name', async () => {
  const system = testSystem();
  const p = await puppet(system);
  system.register('n', p.pid);
  expect(() => system.register('m', p.pid)).toThrow(TypeError);
  expect(system.whereis('m')).toBeUndefined();
  expect(system.whereis('n')).toBe(p.pid);
  system.unregister('n');
  system.register('m', p.pid);
  expect(system.whereis('m')).toBe(p.pid);
});

test.each(['ended', 'exiting'])('REG-04 an actor that is %s cannot be registered', async (how) => {
  const system = testSystem();
  const p = await puppet(system);
  system.exitSignal(p.pid, 'kill');
  if (how === 'ended') await system.settle();
  expect(() => system.register('n', p.pid)).toThrow(/is not alive/);
  expect(system.whereis('n')).toBeUndefined();
});

test.each([
  ['an empty name', '', 'pid'],
  ['a name that is no string', 123, 'pid'],
  ['undefined', undefined, 'pid'],
  ['what is no pid', 'x', 'notAPid'],
  ['a number as a pid', 'x', 42],
])('REG-05 registering %s throws a TypeError at once', async (_, given, pid) => {
  const system = testSystem();
  const p = await puppet(system);
  const whom = (pid === 'pid' ? p.pid : pid) as Pid;
  expect(() => system.register(given as string, whom)).toThrow(TypeError);
  expect(system.info(p.pid)?.name).toBeUndefined();
});

test('REG-06 an unknown name cannot be unregistered and is looked up as undefined', () => {
  const system = testSystem();
  expect(() => system.unregister('u')).toThrow(
    new TypeError('Cannot unregister "u": nobody has this name'),
  );
  expect(system.whereis('u')).toBeUndefined();
});

test('REG-06 looking up what is no name throws', () => {
  const system = testSystem();
  expect(() => system.whereis(123 as never)).toThrow(TypeError);
  expect(() => system.unregister(123 as never)).toThrow(TypeError);
});

function* heir(self: Self, holder: Pid, traps: boolean, taken: unknown[]): Actor {
  self.trapExit(true);
  if (traps) self.link(holder);
  else self.monitor(holder);
  self.exitSignal(holder, 'over');
  yield* self.receive('DOWN', 'EXIT');
  self.register('n', self.pid);
  taken.push(self.whereis('n'));
}

test.each([
  ['DOWN', false],
  ['EXIT', true],
])('REG-07 a name is free by the time the %s of its holder is seen', async (_, traps) => {
  for (const seed of SEEDS) {
    const system = testSystem({ seed });
    const holder = await puppet(system);
    system.register('n', holder.pid);
    const taken: unknown[] = [];
    const pid = system.spawn(heir, holder.pid, traps, taken);
    await system.settle();
    expect(taken, `seed ${seed}`).toEqual([pid]);
  }
});

test('REG-07 also when the holder ends by itself', async () => {
  for (const seed of SEEDS) {
    const system = testSystem({ seed });
    const holder = await puppet(system);
    system.register('n', holder.pid);
    const heard: unknown[] = [];
    system.spawn(function* (self: Self): Actor {
      self.monitor(holder.pid);
      yield* self.receive('DOWN');
      heard.push(self.whereis('n'));
      self.register('n', self.pid);
    });
    await system.settle();
    await holder.does((self) => self.exit('over'));
    await system.settle();
    expect(heard, `seed ${seed}`).toEqual([undefined]);
  }
});

test('REG-08 a name is resolved at each send', async () => {
  const system = testSystem();
  const p = await puppet(system);
  const q = await puppet(system);
  const n = name<Message>('n');
  system.register('n', p.pid);
  system.send(n, { tag: 'one' });
  system.unregister('n');
  system.register('n', q.pid);
  system.send(n, { tag: 'two' });
  expect(await p.mail()).toEqual([{ tag: 'one' }]);
  expect(await q.mail()).toEqual([{ tag: 'two' }]);
});

test('REG-08 and at each call from outside', async () => {
  interface Who extends Message {
    readonly tag: 'who';
    readonly replyTo: ReplyTo<Pid>;
  }
  function* teller(self: Self<Who>): Actor {
    for (;;) self.send((yield* self.receive('who')).replyTo, self.pid);
  }
  const system = testSystem();
  const n = name<MessageOf<typeof teller>>('n');
  for (const pid of [system.spawn(teller), system.spawn(teller)]) {
    system.register('n', pid);
    const told: Pid = await answer(system, system.call(n, { tag: 'who' }));
    expect(told).toBe(pid);
    system.unregister('n');
  }
});

test('REG-09 anyone may unregister a name, and its holder lives on', async () => {
  const system = testSystem();
  const p = await puppet(system);
  const q = await puppet(system);
  await p.does((self) => self.register('n', self.pid));
  await q.does((self) => self.unregister('n'));
  expect(system.whereis('n')).toBeUndefined();
  expect(system.info(p.pid)).toBeDefined();
});

test('REG-10 a pid of another system cannot be registered, and a name of another system is not this one’s', async () => {
  const system = testSystem();
  const other = testSystem({ name: 'other' });
  const far = await puppet(other);
  expect(() => system.register('n', far.pid)).toThrow(/is of another system/);
  expect(system.whereis('n')).toBeUndefined();
  expect(() => system.whereis(name('n', 'other'))).toThrow(/each system has its own names/);
});

test('REG-10 nor can a pid of an earlier life of this system', async () => {
  const before = await puppet(testSystem({ seed: 1 }));
  const system = testSystem({ seed: 2 });
  await puppet(system);
  expect(() => system.register('n', before.pid)).toThrow(TypeError);
});

test('REG-11 after a kill the name is free at once for who asks whether the holder is alive', async () => {
  await everySchedule(3, async (system) => {
    const victim = await puppet(system, { trapExit: true });
    const killer = await puppet(system);
    system.register('n', victim.pid);
    const seen = await killer.does((self) => {
      self.exitSignal(victim.pid, 'kill');
      return [self.info(victim.pid), self.whereis('n')];
    });
    expect(seen).toEqual([undefined, undefined]);
  });
});
