/** Section Q: Elixir's Registry. */

import {
  type Actor,
  CallFailed,
  child,
  configure,
  type Message,
  type MessageOf,
  type Name,
  name,
  type Pid,
  type Registry,
  type RegistryOptions,
  registry,
  type Self,
  server,
  supervisor,
  via,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { type Puppet, puppet } from '../support/puppet.ts';
import { recorder } from '../support/recorder.ts';
import { everySchedule } from '../support/schedules.ts';
import { answer, kill, pidOf } from '../support/supervised.ts';

type Plain = Registry<unknown, never, unknown>;
const R = name<Plain>('r');

/** A system with a registry, and actors to register. */
async function scene(options?: RegistryOptions): Promise<{
  system: TestSystem;
  a: Puppet;
  b: Puppet;
  registers: (who: Puppet, key: unknown, value?: unknown) => Promise<unknown>;
}> {
  const system = testSystem();
  await answer(system, system.start(registry(R, options)));
  const [a, b] = [await puppet(system), await puppet(system)];
  const registers = (who: Puppet, key: unknown, value?: unknown): Promise<unknown> =>
    who.does((self) => registry.register(self, R, key, value));
  return { system, a, b, registers };
}

function pidsUnder(system: TestSystem, key: unknown): readonly Pid[] {
  return registry.lookup(system, R, key).map(({ pid }) => pid);
}

test('RGY-01 a unique key has one owner: another registration says who it is, to the owner, too', async () => {
  const { system, a, b, registers } = await scene();
  expect(await registers(a, 'k')).toEqual({ ok: true });
  const taken = { ok: false, reason: 'already_registered', pid: a.pid };
  expect(await registers(a, 'k')).toEqual(taken);
  expect(await registers(b, 'k')).toEqual(taken);
  expect(pidsUnder(system, 'k')).toEqual([a.pid]);
});

test('RGY-02 unregister takes out the own entry only, and says nothing if there is none', async () => {
  const { system, a, b, registers } = await scene();
  await registers(a, 'k');
  await b.does((self) => registry.unregister(self, R, 'k'));
  expect(pidsUnder(system, 'k')).toEqual([a.pid]);
  await registers(b, 'other');
  await b.does((self) => registry.unregister(self, R, 'k'));
  expect(pidsUnder(system, 'k')).toEqual([a.pid]);
  await a.does((self) => registry.unregister(self, R, 'k'));
  expect(pidsUnder(system, 'k')).toEqual([]);
  expect(await registers(b, 'k')).toEqual({ ok: true });
});

test('RGY-03 keys are free before anyone hears of the end of their owner, and as soon as it is exiting', async () => {
  await everySchedule(72, async (system) => {
    await answer(system, system.start(registry(R)));
    const owner = system.spawn(function* (self: Self): Actor {
      registry.register(self, R, 'k', 1);
      yield* self.receive('DOWN');
    });
    const seen: unknown[] = [];
    for (const traps of [true, false]) {
      system.spawn(function* (self: Self): Actor {
        self.trapExit(traps);
        if (traps) self.link(owner);
        else self.monitor(owner);
        yield* self.receive('EXIT', 'DOWN');
        seen.push(registry.lookup(self, R, 'k').length);
      });
    }
    await system.settle();
    expect(registry.count(system, R)).toBe(1);
    system.exitSignal(owner, 'kill');
    expect(registry.lookup(system, R, 'k')).toEqual([]);
    await system.settle();
    expect(seen).toEqual([0, 0]);
    expect(registry.count(system, R)).toBe(0);
  });
});

test('RGY-03 a restarted actor can take the key of the one before', async () => {
  const system = testSystem();
  const body = function* (self: Self): Actor {
    expect(registry.register(self, R, 'k', undefined)).toEqual({ ok: true });
    yield* self.receive('DOWN');
  };
  const top = await answer(
    system,
    system.start(supervisor({ children: [child('r', registry(R)), child('owner', body)] })),
  );
  await system.settle();
  const before = pidsUnder(system, 'k')[0] as Pid;
  await kill(system, before);
  const after = await pidOf(system, top, 'owner');
  expect(after).not.toBe(before);
  expect(pidsUnder(system, 'k')).toEqual([after]);
});

test('RGY-04 a duplicate key has many entries, of one actor too, which unregister takes out together', async () => {
  const { system, a, b, registers } = await scene({ keys: 'duplicate' });
  await registers(a, 't', 1);
  await registers(b, 't', 2);
  await registers(a, 't', 3);
  expect(registry.lookup(system, R, 't')).toEqual([
    { pid: a.pid, value: 1 },
    { pid: b.pid, value: 2 },
    { pid: a.pid, value: 3 },
  ]);
  await a.does((self) => registry.unregister(self, R, 't'));
  expect(pidsUnder(system, 't')).toEqual([b.pid]);
});

test('RGY-05 dispatch calls its function here with the entries, not at all if there are none, and throws what it throws', async () => {
  const { system, a, b, registers } = await scene({ keys: 'duplicate' });
  await registers(a, 'k', 'of a');
  await registers(b, 'k', 'of b');
  const seen: unknown[] = [];
  await a.does((self) =>
    registry.dispatch(self, R, 'k', (entries) => {
      seen.push(self.info(self.pid)?.status, ...entries);
    }),
  );
  expect(seen).toEqual(['running', { pid: a.pid, value: 'of a' }, { pid: b.pid, value: 'of b' }]);
  registry.dispatch(system, R, 'none', () => expect.fail('there is nobody'));
  expect(() =>
    registry.dispatch(system, R, 'k', () => {
      throw new Error('oops');
    }),
  ).toThrow('oops');
});

describe('RGY-06 a unique key by via is a name:', () => {
  const counter = server(() => {
    let n = 0;
    return {
      call: { get: () => n },
      cast: {
        add(k: number) {
          n += k;
        },
      },
    };
  });
  const S = name<Registry<string, MessageOf<typeof counter>>>('s');
  const K = via(S, 'k');

  async function withCounter(): Promise<TestSystem> {
    const system = testSystem();
    await answer(system, system.start(registry(S)));
    await answer(system, system.start(configure(counter, { name: K })));
    return system;
  }

  test('whoever has it is called, sent to, monitored and found', async () => {
    const system = await withCounter();
    system.cast(K, 'add', 5);
    expect(await answer(system, system.call(K, 'get'))).toBe(5);
    const [entry] = registry.lookup(system, S, 'k');
    expect(system.whereis(K)).toBe(entry?.pid);
    const watcher = await puppet(system);
    await watcher.does((self) => self.monitor(K as Name));
    await kill(system, entry?.pid as Pid);
    expect(await watcher.mail()).toMatchObject([{ tag: 'DOWN', target: K, reason: 'killed' }]);
  });

  test('a start with one that is taken fails with already_started and the owner', async () => {
    const system = await withCounter();
    await expect(
      answer(system, system.start(configure(counter, { name: K }))),
    ).rejects.toMatchObject({ name: 'StartFailed', reason: 'already_started' });
    const spawned = system.spawn(configure(counter, { name: K }));
    await system.settle();
    expect(system.reasonOf(spawned)).toBe('already_started');
    expect(registry.count(system, S)).toBe(1);
  });

  test('of a key that nobody has, a call fails with noproc, a cast or a send reaches nobody', async () => {
    const system = await withCounter();
    const none = via(S, 'none');
    await expect(answer(system, system.call(none, 'get'))).rejects.toMatchObject({
      reason: 'noproc',
    });
    system.cast(none, 'add', 1);
    await system.settle();
    expect(system.told('dead_letter')).toMatchObject([{ why: 'noname' }]);
    const watcher = await puppet(system);
    await watcher.does((self) => self.monitor(none as Name));
    expect(await watcher.mail()).toMatchObject([{ tag: 'DOWN', reason: 'noproc' }]);
    expect(system.whereis(none)).toBeUndefined();
  });

  test('timers look it up when they ring', async () => {
    const system = testSystem();
    const L = name<Registry<string, { tag: 'tick' }>>('l');
    await answer(system, system.start(registry(L)));
    const log: unknown[] = [];
    system.sendAfter(10, via(L, 'k'), { tag: 'tick' });
    await system.advance(5);
    system.spawn(configure(recorder, { name: via(L, 'k') }), log as never[]);
    await system.advance(5);
    expect(log).toEqual([{ tag: 'tick' }]);
  });

  test('it crosses in messages that are copied, and prints as what it is', async () => {
    const system = testSystem({ messages: 'clone' });
    const log: { what?: unknown }[] = [];
    const pid = system.spawn(recorder, log as never[]);
    system.send(pid, { tag: 'note', what: K } as never);
    await system.settle();
    expect(log[0]?.what).toBe(K);
    expect(String(K)).toBe(`"'k'" via s`);
  });

  test('one of duplicate keys starts nobody, and is nobody', async () => {
    const { system, a, registers } = await scene({ keys: 'duplicate' });
    await registers(a, 'k');
    const it = via(R, 'k');
    expect(() => system.spawn(configure(recorder, { name: it as Name<Message> }), [])).toThrow(
      'Cannot register by a name in "r": its keys are not unique',
    );
    expect(system.whereis(it)).toBeUndefined();
  });

  test.each(['spawn', 'spawnLink', 'startLink'] as const)(
    'where nobody can have it, %s throws, and there is no actor',
    async (verb) => {
      const system = testSystem();
      await answer(system, system.start(registry(R, { keys: 'duplicate' })));
      const asker = await puppet(system);
      const before = system.actors().length;
      for (const it of [via(R, 'k'), via(name<Plain>('nowhere'), 'k')]) {
        const body = configure(recorder, { name: it as Name<Message> });
        const thrown = await asker.does((self) => {
          try {
            if (verb !== 'startLink') return self[verb](body, []);
            return self.startLink(body, [])[Symbol.iterator]().next();
          } catch (error) {
            return error;
          }
        });
        expect(thrown).toMatchObject({ message: expect.stringMatching(/^Cannot register/) });
        expect(() => system.spawn(body, [])).toThrow('Cannot register');
        await expect(answer(system, system.start(body, []))).rejects.toThrow('Cannot register');
      }
      await system.settle();
      expect(system.actors()).toHaveLength(before);
    },
  );

  test('the verbs of names say where it is done', async () => {
    const system = await withCounter();
    const pid = system.whereis(K) as Pid;
    for (const verb of [() => system.register(K as Name, pid), () => system.unregister(K)])
      expect(verb).toThrow(/registry\.(un)?register does so with the key/);
  });
});

test('RGY-07 a value stands beside each entry, and its owner alone can replace it, of unique keys', async () => {
  const { system, a, b, registers } = await scene();
  await registers(a, 'k', 1);
  const add = (who: Puppet): Promise<unknown> =>
    who.does((self) => registry.updateValue(self, R, 'k', (n) => (n as number) + 1));
  expect(await add(a)).toBe(2);
  expect(await add(b)).toBeUndefined();
  expect(registry.values(system, R, 'k', a.pid)).toEqual([2]);
  expect(registry.values(system, R, 'k', b.pid)).toEqual([]);
  const both = await scene({ keys: 'duplicate' });
  await both.registers(both.a, 'k', 1);
  await expect(both.a.does((self) => registry.updateValue(self, R, 'k', (n) => n))).rejects.toThrow(
    'Cannot updateValue in "r": its keys are not unique',
  );
});

test('RGY-07 keys are listed by owner, and entries are counted', async () => {
  const { system, a, b, registers } = await scene({ keys: 'duplicate' });
  for (const key of ['x', 'y', 'x']) await registers(a, key);
  await registers(b, 'x');
  expect(registry.keys(system, R, a.pid)).toEqual(['x', 'y', 'x']);
  expect(registry.count(system, R)).toBe(4);
  await kill(system, a.pid);
  expect(registry.keys(system, R, a.pid)).toEqual([]);
  expect(registry.count(system, R)).toBe(1);
});

test('RGY-10 who registers is linked to the registry until its last key is gone, and ends with it', async () => {
  const { system, a, b, registers } = await scene();
  const pid = system.whereis('r') as Pid;
  const isLinked = (who: Puppet) => system.info(who.pid)?.links.includes(pid);
  await registers(a, 'x');
  await registers(a, 'y');
  await registers(b, 'z');
  await a.does((self) => registry.unregister(self, R, 'x'));
  expect(isLinked(a)).toBe(true);
  await a.does((self) => registry.unregister(self, R, 'y'));
  expect(isLinked(a)).toBe(false);
  await kill(system, pid);
  expect(system.info(a.pid)).toBeDefined();
  expect(system.reasonOf(b.pid)).toBe('killed');
});

test('RGY-10 the registry lives through the ends of those who have registered', async () => {
  const { system, a, registers } = await scene();
  await registers(a, 'x');
  await kill(system, a.pid);
  expect(system.whereis('r')).toBeDefined();
  expect(system.told('dead_letter')).toEqual([]);
});

test('RGY-11 keys are compared as those of a Map: types tell them apart, and objects are what they are', async () => {
  const { system, a, registers } = await scene();
  const object = { n: 1 };
  const keys = [1, '1', true, 'true', null, undefined, Number.NaN, object, { n: 1 }, a.pid];
  for (const key of keys) expect(await registers(a, key, key)).toEqual({ ok: true });
  for (const key of keys) expect(registry.values(system, R, key, a.pid)).toEqual([key]);
  expect(await registers(a, Number.NaN)).toMatchObject({ reason: 'already_registered' });
  expect(await registers(a, 0)).toEqual({ ok: true });
  expect(await registers(a, -0)).toMatchObject({ reason: 'already_registered' });
  expect(registry.lookup(system, R, { n: 1 })).toEqual([]);
  await a.does((self) => registry.unregister(self, R, -0));
  expect(registry.lookup(system, R, 0)).toEqual([]);
});

describe('RGY-12 a registry that there is not', () => {
  test('is refused by every verb', async () => {
    const system = testSystem();
    const p = await puppet(system);
    const verbs: readonly (readonly [string, (self: Self) => unknown])[] = [
      ['register', (self) => registry.register(self, R, 'k', 1)],
      ['unregister', (self) => registry.unregister(self, R, 'k')],
      ['lookup', (self) => registry.lookup(self, R, 'k')],
      ['keys', (self) => registry.keys(self, R, self.pid)],
      ['values', (self) => registry.values(self, R, 'k', self.pid)],
      ['count', (self) => registry.count(self, R)],
      ['updateValue', (self) => registry.updateValue(self, R, 'k', (n) => n)],
      ['lookup', (self) => registry.dispatch(self, R, 'k', () => {})],
    ];
    for (const [verb, act] of verbs) {
      const caught = await p.does((self) => {
        try {
          return act(self as unknown as Self);
        } catch (error) {
          return error;
        }
      });
      expect(caught).toEqual(
        new TypeError(`Cannot ${verb} in "r": there is no such registry in test`),
      );
    }
  });

  test('nor is an actor that is none', async () => {
    const system = testSystem();
    const p = await puppet(system);
    system.register('r', p.pid);
    expect(() => registry.count(system, R)).toThrow(TypeError);
    expect(() => registry(R, { keys: 'many' as 'unique' })).toThrow(
      "Cannot make a registry: keys is 'unique' or 'duplicate', not 'many'",
    );
  });
});

test('a call that fails names the key', async () => {
  const system = testSystem();
  const it = via(name<Registry<string, { tag: 'x'; replyTo: never }>>('none'), 'k');
  const failure = await answer(
    system,
    (system.call as (...of: unknown[]) => Promise<unknown>)(it, { tag: 'x' }).catch((e) => e),
  );
  expect(failure).toBeInstanceOf(CallFailed);
  expect((failure as Error).message).toContain("to \"'k'\"@via none failed: 'noproc'");
});
