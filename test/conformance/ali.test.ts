/** Section H: aliases. */

import { type Actor, configure, type Message, type Pid, type ReplyTo, type Self } from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import { type PuppetMessage, puppet } from '../support/puppet.ts';
import { everySchedule } from '../support/schedules.ts';

const note = (what: unknown): PuppetMessage => ({ tag: 'note', what });

/** What is left in a mailbox of notes, and of signals by their tags. */
function read(mail: readonly Message[]): unknown[] {
  return mail.map((each) => ('what' in each ? each.what : each.tag));
}

/** An owner with an alias, and another actor that sends to it. */
async function withAlias(system: TestSystem, options?: { readonly once?: boolean }) {
  const owner = await puppet(system);
  const other = await puppet(system);
  const alias = await owner.does((self) => self.alias(options));
  const say = (what: unknown) => other.does((self) => self.send(alias, note(what)));
  return { owner, other, alias, say };
}

test('ALI-01 what is sent to an alias arrives as if sent to the pid, as often as one likes', async () => {
  const { owner, say } = await withAlias(testSystem());
  await say('hi');
  await say('ho');
  expect(read(await owner.mail())).toEqual(['hi', 'ho']);
});

test('ALI-01 it keeps its place among the messages to the pid', async () => {
  await everySchedule(3, async (system) => {
    const { owner, other, alias } = await withAlias(system);
    await other.does((self) => {
      self.send(owner.pid, note(1));
      self.send(alias, note(2));
      self.send(owner.pid, note(3));
      self.send(alias, note(4));
    });
    expect(read(await owner.mail())).toEqual([1, 2, 3, 4]);
  });
});

test('ALI-01 a receive that waits is woken by it, and one with a guard looks at it', async () => {
  const system = testSystem();
  const got: unknown[] = [];
  let alias: ReplyTo<PuppetMessage> | undefined;
  system.spawn(function* (self: Self<PuppetMessage>): Actor {
    alias = self.alias();
    const first = yield* self.receive('note');
    got.push(first.what);
    const big = yield* self.receive('note').where(({ what }) => (what as number) > 10);
    got.push(big.what);
  });
  await system.settle();
  for (const what of [1, 2, 20]) {
    system.send(alias as ReplyTo<PuppetMessage>, note(what));
    await system.settle();
  }
  expect(got).toEqual([1, 20]);
});

test('ALI-01 a bounded mailbox bounds what comes by an alias too', async () => {
  const system = testSystem();
  const aliases: ReplyTo<PuppetMessage>[] = [];
  function* idle(self: Self<PuppetMessage>): Actor {
    aliases.push(self.alias());
    yield* self.sleep(1000);
  }
  const bounded = configure(idle, { mailbox: { limit: 1, overflow: 'drop_newest' } });
  const pid = system.spawn(bounded);
  await system.settle();
  for (const alias of aliases) for (const what of [1, 2]) system.send(alias, note(what));
  expect(system.info(pid)?.mailboxLength).toBe(1);
  expect(system.told('dead_letter')).toMatchObject([{ message: { what: 2 }, why: 'overflow' }]);
});

test('ALI-01 what is no message is refused in the sender', async () => {
  const system = testSystem();
  const { alias } = await withAlias(system);
  expect(() => system.send(alias, 'hi' as never)).toThrow(TypeError);
});

test('ALI-02 after unalias, which is true once and then false, messages are dead letters', async () => {
  const system = testSystem();
  const { owner, alias, say } = await withAlias(system);
  expect(await owner.does((self) => self.unalias(alias))).toBe(true);
  await say('x');
  expect(await owner.mail()).toEqual([]);
  expect(system.told('dead_letter')).toMatchObject([{ to: alias, message: { what: 'x' } }]);
  expect(await owner.does((self) => self.unalias(alias))).toBe(false);
});

test('ALI-02 unalias of what is no alias throws', async () => {
  const system = testSystem();
  const owner = await puppet(system);
  await expect(owner.does((self) => self.unalias(self.pid as never))).rejects.toThrow(TypeError);
});

test('ALI-03 an alias for one message takes one, whoever sends the second', async () => {
  const { owner, alias, say } = await withAlias(testSystem(), { once: true });
  await say('one');
  await say('two');
  expect(read(await owner.mail())).toEqual(['one']);
  expect(await owner.does((self) => self.unalias(alias))).toBe(false);
});

test('ALI-04 only its maker can take an alias back', async () => {
  const { owner, other, alias, say } = await withAlias(testSystem());
  expect(await other.does((self) => self.unalias(alias))).toBe(false);
  await say('still');
  expect(read(await owner.mail())).toEqual(['still']);
});

test('ALI-05 what is in the mailbox by the time of unalias stays', async () => {
  const { owner, alias, say } = await withAlias(testSystem());
  await say('q');
  await owner.does((self) => self.unalias(alias));
  await say('late');
  expect(read(await owner.mail())).toEqual(['q']);
});

/** An owner that monitors a target with an alias of this kind. */
async function monitoring(until: 'demonitor' | 'reply_demonitor' | 'explicit_unalias') {
  const system = testSystem();
  const owner = await puppet(system);
  const target = await puppet(system);
  const both = await owner.does((self) => self.monitorAlias(target.pid, until));
  const say = async (what: unknown): Promise<void> => {
    system.send(both.replyTo, note(what));
    await system.settle();
  };
  const end = async (): Promise<void> => {
    system.exitSignal(target.pid, 'over');
    await system.settle();
  };
  return { system, owner, target, ...both, say, end };
}

test('ALI-06 demonitor ends the alias of a monitor', async () => {
  const { owner, ref, say } = await monitoring('demonitor');
  await say('a');
  expect(await owner.does((self) => self.demonitor(ref))).toBe(true);
  await say('b');
  expect(read(await owner.mail())).toEqual(['a']);
});

test('ALI-06 and so does its DOWN', async () => {
  const { owner, ref, end, say } = await monitoring('demonitor');
  await say('a');
  await end();
  await say('late');
  const mail = await owner.mail();
  expect(read(mail)).toEqual(['a', 'DOWN']);
  expect(mail).toContainEqual(expect.objectContaining({ tag: 'DOWN', ref, reason: 'over' }));
});

test('ALI-06 and so does the DOWN of a target that was dead before', async () => {
  const system = testSystem();
  const owner = await puppet(system);
  const target = await puppet(system);
  system.exitSignal(target.pid, 'kill');
  await system.settle();
  const { replyTo } = await owner.does((self) => self.monitorAlias(target.pid, 'demonitor'));
  system.send(replyTo, note('late'));
  expect(read(await owner.mail())).toEqual(['DOWN']);
});

test('ALI-06 unalias ends the alias alone: DOWN still comes', async () => {
  const { owner, replyTo, end, say } = await monitoring('demonitor');
  expect(await owner.does((self) => self.unalias(replyTo))).toBe(true);
  await say('x');
  await end();
  expect(read(await owner.mail())).toEqual(['DOWN']);
});

test('ALI-07 with reply_demonitor the first reply ends alias and monitor', async () => {
  const { owner, system, target, end, say } = await monitoring('reply_demonitor');
  await say('a');
  expect(system.info(target.pid)?.monitoredBy).toEqual([]);
  await say('b');
  await end();
  expect(read(await owner.mail())).toEqual(['a']);
});

test('ALI-07 and a DOWN that comes first ends the alias', async () => {
  const { owner, end, say } = await monitoring('reply_demonitor');
  await end();
  await say('late');
  expect(read(await owner.mail())).toEqual(['DOWN']);
});

test('ALI-08 with explicit_unalias the alias survives demonitor and DOWN until unalias', async () => {
  const { owner, ref, replyTo, say } = await monitoring('explicit_unalias');
  await owner.does((self) => self.demonitor(ref));
  await say('a');
  expect(await owner.does((self) => self.unalias(replyTo))).toBe(true);
  await say('b');
  expect(read(await owner.mail())).toEqual(['a']);

  const other = await monitoring('explicit_unalias');
  await other.end();
  await other.say('late');
  expect(read(await other.owner.mail())).toEqual(['DOWN', 'late']);
});

test('ALI-08 another kind of alias is refused', async () => {
  const system = testSystem();
  const owner = await puppet(system);
  await expect(
    owner.does((self) => self.monitorAlias(system.root, 'sometime' as never)),
  ).rejects.toThrow(TypeError);
});

test('ALI-09 sending to the alias of a dead actor, or to one that never was, is silent', async () => {
  const system = testSystem();
  const { owner, alias } = await withAlias(system);
  system.exitSignal(owner.pid, 'kill');
  // Doomed, and then dead.
  system.send(alias, note('x'));
  await system.settle();
  system.send(alias, note('y'));
  const unknown = { ...alias, alias: 1e9 } as ReplyTo<PuppetMessage>;
  system.send(unknown, note('z'));
  await system.settle();
  expect(system.told('dead_letter')).toMatchObject(
    ['x', 'y', 'z'].map((what) => ({ message: { what } })),
  );
});

interface Question extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<string>;
}

function* tardy(self: Self<Question>, ms: number): Actor {
  const { replyTo } = yield* self.receive('ask');
  yield* self.sleep(ms);
  self.send(replyTo, 'late');
}

test('ALI-10 a reply to a request that was given up never enters the mailbox', async () => {
  await everySchedule(8, async (system) => {
    const server: Pid<Question> = system.spawn(tardy, 50);
    const left: unknown[] = [];
    system.spawn(function* (self: Self<Message>): Actor {
      try {
        yield* self.call(server, { tag: 'ask' }).within(10);
      } catch (error) {
        left.push((error as Error).name);
      }
      yield* self.sleep(100);
      left.push(yield* self.receive().after(0));
    });
    await system.advance(200);
    expect(left).toEqual(['CallFailed', undefined]);
    expect(system.told('dead_letter')).toMatchObject([{ message: 'late', why: 'late_reply' }]);
  });
});
