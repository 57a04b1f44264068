/** The mailbox, and the receive that selects from it. */

import type { Actor, Message, Pid, Receive, ReplyTo, Self } from 'beamish';
import { describe, expect, test } from 'vitest';
import { idler, numbered, plain } from '../support/recorder.ts';
import { underSchedules } from '../support/schedules.ts';
import { type TestSystem, testSystem } from '../support/test-system.ts';

type Letter = { readonly tag: 'a' } | { readonly tag: 'b' } | { readonly tag: 'c' };
type Junk = { readonly tag: 'noise' } | { readonly tag: 'never' };
type Mail = Letter | Junk;

/** Lets an actor with these messages in its mailbox do something, and resolves with what is left in it then. */
async function left(
  system: TestSystem,
  tags: string,
  act: (self: Self<Mail>) => Actor,
): Promise<string> {
  let rest: readonly Message[] | undefined;
  const pid = system.spawn(function* actor(self: Self<Mail>): Actor {
    for (const tag of tags) self.send(self.pid, plain(tag) as Mail);
    yield* act(self);
    rest = self.mailbox(self.pid);
  });
  await system.settle();
  const reason = system.reasonOf(pid);
  if (reason instanceof Error) throw reason;
  expect(rest).toBeDefined();
  return (rest ?? []).map((message) => message.tag).join('');
}

describe('selection', () => {
  test('RCV-01 receive() takes messages in the order of arrival', async () => {
    const taken: string[] = [];
    await left(testSystem(), 'abc', function* (self) {
      for (let i = 0; i < 3; i++) taken.push((yield* self.receive()).tag);
    });
    expect(taken).toEqual(['a', 'b', 'c']);
  });

  test('RCV-02 a selective receive takes the first that matches, and leaves the others in order', async () => {
    await underSchedules(20, async (system) => {
      const rest = await left(system, 'abcac', function* (self) {
        expect((yield* self.receive('c')).tag).toBe('c');
      });
      expect(rest).toBe('abac');
    });
  });

  test('RCV-03 the first message that any clause takes wins, not the first clause', async () => {
    const rest = await left(testSystem(), 'cba', function* (self) {
      expect((yield* self.receive('a', 'b')).tag).toBe('b');
    });
    expect(rest).toBe('ca');
  });

  test('RCV-03 behind a backlog so long that it is looked up by tag, too', async () => {
    const system = testSystem();
    const pid = system.spawn(function* actor(self: Self<Mail>): Actor {
      for (let i = 0; i < 2000; i++) self.send(self.pid, { tag: 'noise' });
      for (let i = 0; i < 40; i++) self.send(self.pid, { tag: i % 2 === 0 ? 'b' : 'a' });
      for (let i = 0; i < 40; i++)
        expect((yield* self.receive('a', 'b')).tag).toBe(i % 2 === 0 ? 'b' : 'a');
      expect(self.info(self.pid)?.mailboxLength).toBe(2000);
    });
    await system.settle();
    expect(system.reasonOf(pid)).toBe('normal');
  });

  test('RCV-04 what was skipped keeps its place before all that comes later', async () => {
    await underSchedules(20, async (system) => {
      const rest = await left(system, 'abcd', function* (self) {
        yield* self.receive('c');
        self.send(self.pid, { tag: 'noise' });
        yield* self.yield();
        expect((yield* self.receive()).tag).toBe('a');
        expect((yield* self.receive()).tag).toBe('b');
      });
      expect(rest).toBe('dnoise');
    });
  });

  test('RCV-04 a receive that waited looks again at all that it skipped, next time', async () => {
    await underSchedules(50, async (system) => {
      const taken: string[] = [];
      const pid = system.spawn(function* actor(self: Self<Mail>): Actor {
        taken.push((yield* self.receive('c')).tag);
        taken.push((yield* self.receive('b')).tag);
        taken.push((yield* self.receive('a').where(() => true)).tag);
        taken.push((yield* self.receive()).tag);
      });
      for (const tag of ['a', 'noise', 'b', 'c'] as const) {
        system.send(pid, { tag });
        await system.settle();
      }
      expect(taken).toEqual(['c', 'b', 'a', 'noise']);
    });
  });

  test('RCV-12 a guard that throws crashes the receiver', async () => {
    const system = testSystem();
    const error = new Error('in the guard');
    const pid = system.spawn(function* actor(self: Self<Mail>): Actor {
      yield* self.receive('a').where(() => {
        throw error;
      });
    });
    system.send(pid, { tag: 'a' });
    await system.settle();
    expect(system.reasonOf(pid)).toBe(error);
    expect(system.told('crash')).toHaveLength(1);
  });

  test.each(['at once', 'after it has waited'])(
    'RCV-12 a guard that throws loses no message and leaves nothing of its receive (%s)',
    async (when) => {
      const system = testSystem();
      const taken: unknown[] = [];
      const pid = system.spawn(function* actor(self: Self<Mail>): Actor {
        if (when === 'at once') yield* self.sleep(5);
        try {
          const guarded: Receive<Mail> = self.receive('a').where(() => {
            throw new Error('in the guard');
          });
          yield* guarded.after(10);
        } catch (error) {
          taken.push(error);
        }
        taken.push(yield* self.receive('b').after(100));
        taken.push(self.mailbox(self.pid), yield* self.receive());
      });
      await system.settle();
      system.send(pid, { tag: 'a' });
      await system.advance(50);
      expect(taken).toEqual([expect.objectContaining({ message: 'in the guard' })]);
      await system.advance(100);
      expect(taken.slice(1)).toEqual([undefined, [plain('a')], plain('a')]);
    },
  );

  test('RCV-12 guards run on the turn of the receiver, in order, once for each message', async () => {
    await underSchedules(50, async (system) => {
      const looked: number[] = [];
      const pid = system.spawn(function* actor(self: Self<{ tag: 'number'; n: number }>): Actor {
        yield* self.receive('number').where(({ n }) => {
          looked.push(n);
          return n === 9;
        });
      });
      for (let n = 0; n < 10; n++) {
        system.send(pid, numbered(n));
        if (n % 4 === 3) await system.settle();
        else expect(looked).toHaveLength(Math.floor(n / 4) * 4);
      }
      await system.settle();
      expect(looked).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });
  });

  test('RCV-13 a receive after a receive sees the same mailbox without the message taken', async () => {
    const rest = await left(testSystem(), 'bacab', function* (self) {
      const outer = yield* self.receive('a');
      if (outer.tag === 'a') expect((yield* self.receive('b', 'c')).tag).toBe('b');
    });
    expect(rest).toBe('cab');
  });

  test('RCV-16 ten requests, answered in reverse, find each its own reply', async () => {
    await underSchedules(50, async (system) => {
      type Ask = { tag: 'ask'; n: number; replyTo: ReplyTo<number> };
      const server = system.spawn(function* server(self: Self<Ask>): Actor {
        const asked: Ask[] = [];
        for (let i = 0; i < 10; i++) asked.push(yield* self.receive('ask'));
        for (const { replyTo, n } of asked.reverse()) self.send(replyTo, n * n);
      });
      const answers: number[] = [];
      system.spawn(function* client(self: Self<Mail>): Actor {
        const pending = Array.from({ length: 10 }, (_, n) =>
          self.request(server, { tag: 'ask', n }),
        );
        for (const request of pending) answers.push(yield* request.reply());
      });
      await system.settle();
      expect(answers).toEqual(Array.from({ length: 10 }, (_, n) => n * n));
    });
  });

  test('RCV-16 ten monitors, ended in reverse, find each its own DOWN behind a backlog', async () => {
    await underSchedules(20, async (system) => {
      const targets = Array.from({ length: 10 }, () => system.spawn(idler));
      const found: Pid[] = [];
      system.spawn(function* watcher(self: Self<Mail>): Actor {
        for (let i = 0; i < 500; i++) self.send(self.pid, { tag: 'noise' });
        const refs = targets.map((target) => self.monitor(target));
        for (const target of [...targets].reverse()) self.exitSignal(target, 'kill');
        for (const wanted of refs) {
          const down = yield* self.receive('DOWN').where(({ ref }) => ref === wanted);
          found.push(down.target as Pid);
        }
      });
      await system.settle();
      expect(found).toEqual(targets);
    });
  });
});

describe('a long backlog', () => {
  /** Counts how often anything looks at its tag. */
  function countedJunk(): { readonly looks: () => number; readonly junk: Message } {
    let looks = 0;
    const junk = {
      get tag() {
        looks++;
        return 'noise';
      },
    };
    return { looks: () => looks, junk };
  }

  const BACKLOG = 20_000;

  test('RCV-15 a call does not look at the messages in the mailbox', async () => {
    const system = testSystem();
    const { looks, junk } = countedJunk();
    type Ask = { tag: 'ask'; replyTo: ReplyTo<number> };
    const server = system.spawn(function* server(self: Self<Ask>): Actor {
      for (;;) self.send((yield* self.receive('ask')).replyTo, 1);
    });
    let during = -1;
    const pid = system.spawn(function* client(self: Self<Message>): Actor {
      for (let i = 0; i < BACKLOG; i++) self.send(self.pid, junk);
      const before = looks();
      let sum = 0;
      for (let i = 0; i < 100; i++) sum += yield* self.call(server, { tag: 'ask' });
      expect(sum).toBe(100);
      during = looks() - before;
    });
    await system.settle();
    expect(system.reasonOf(pid)).toBe('normal');
    expect(during).toBe(0);
  });

  test('RCV-15 receives by tag stop looking at a backlog that they have skipped some times', async () => {
    const system = testSystem();
    const { looks, junk } = countedJunk();
    let during = -1;
    const pid = system.spawn(function* client(self: Self<Message>): Actor {
      for (let i = 0; i < BACKLOG; i++) self.send(self.pid, junk);
      const before = looks();
      for (let i = 0; i < 100; i++) {
        const { ref } = self.spawnMonitor(function* brief(): Actor {});
        expect((yield* self.receive('DOWN')).ref).toBe(ref);
      }
      during = looks() - before;
      expect(self.info(self.pid)?.mailboxLength).toBe(BACKLOG);
    });
    await system.settle();
    expect(system.reasonOf(pid)).toBe('normal');
    expect(during).toBeLessThan(10 * BACKLOG);
  });

  test('RCV-15 a receive that waits looks at each message once', async () => {
    const system = testSystem();
    const { looks, junk } = countedJunk();
    const pid = system.spawn(function* client(self: Self<Mail>): Actor {
      yield* self.receive('a');
    });
    await system.settle();
    for (let i = 0; i < 1000; i++) {
      system.send(pid, junk as Mail);
      if (i % 10 === 0) await system.settle();
    }
    system.send(pid, { tag: 'a' });
    await system.settle();
    expect(system.reasonOf(pid)).toBe('normal');
    // The check of each send, and the comparison with what is wanted.
    expect(looks()).toBeLessThanOrEqual(3 * 1000);
  });
});

describe('time-outs', () => {
  test('RCV-05 after(0) looks through the whole mailbox once', async () => {
    await underSchedules(20, async (system) => {
      const rest = await left(system, 'aab', function* (self) {
        expect(yield* self.receive('c').after(0)).toBeUndefined();
        expect((yield* self.receive('b').after(0))?.tag).toBe('b');
        expect(yield* self.receive('b').after(0)).toBeUndefined();
      });
      expect(rest).toBe('aa');
    });
  });

  test('RCV-06 after(0) on an empty mailbox is over at once', async () => {
    await underSchedules(20, async (system) => {
      let polls = 0;
      system.spawn(function* actor(self: Self<Mail>): Actor {
        for (let i = 0; i < 100; i++) {
          expect(yield* self.receive().after(0)).toBeUndefined();
          polls++;
        }
      });
      await system.settle();
      expect(polls).toBe(100);
    });
  });

  test.each([
    ['by tag', (self: Self<Mail>) => self.receive('never')],
    ['by a guard', (self: Self<Mail>) => self.receive().where(({ tag }) => tag === 'never')],
  ])('RCV-07 messages that do not match (%s) do not move the time-out', async (_, receive) => {
    const system = testSystem();
    const ends: number[] = [];
    const pid = system.spawn(function* actor(self: Self<Mail>): Actor {
      const message: Message | undefined = yield* receive(self).after(100);
      expect(message).toBeUndefined();
      ends.push(system.clock.now());
      yield* self.receive('a');
    });
    for (let i = 0; i < 3; i++) {
      await system.advance(30);
      system.send(pid, { tag: 'noise' });
    }
    await system.advance(9);
    expect(ends).toEqual([]);
    await system.advance(1);
    expect(ends).toEqual([100]);
    expect(system.mailbox(pid)).toHaveLength(3);
  });

  test('RCV-08 a message that matches is taken at once, and its time-out never comes', async () => {
    const system = testSystem();
    const taken: unknown[] = [];
    system.spawn(function* actor(self: Self<Mail>): Actor {
      self.send(self.pid, { tag: 'noise' });
      self.send(self.pid, { tag: 'a' });
      taken.push((yield* self.receive('a').after(1000))?.tag, system.clock.now());
      taken.push(yield* self.receive('b'));
    });
    await system.advance(5000);
    expect(taken).toEqual(['a', 0]);
  });

  test('RCV-08 a message that comes in time ends the time-out too', async () => {
    const system = testSystem();
    const taken: unknown[] = [];
    const pid = system.spawn(function* actor(self: Self<Mail>): Actor {
      taken.push((yield* self.receive('a').after(100))?.tag);
      yield* self.sleep(500);
      taken.push(system.clock.now());
    });
    await system.advance(50);
    system.send(pid, { tag: 'a' });
    await system.advance(499);
    expect(taken).toEqual(['a']);
    await system.advance(1);
    expect(taken).toEqual(['a', 550]);
  });

  test('RCV-08 a message that comes with the end of the time-out is taken', async () => {
    await underSchedules(20, async (system) => {
      const taken: unknown[] = [];
      const pid = system.spawn(function* actor(self: Self<Mail>): Actor {
        taken.push(yield* self.receive('a').after(100));
      });
      await system.settle();
      system.sendAfter(100, pid, { tag: 'a' });
      await system.advance(100);
      expect(taken).toEqual([plain('a')]);
    });
  });

  test('RCV-09 each receive has its own time-out, from the moment it begins', async () => {
    const system = testSystem();
    const ends: number[] = [];
    system.spawn(function* actor(self: Self<Mail>): Actor {
      for (const ms of [50, 50, 0, 7]) {
        yield* self.receive().after(ms);
        ends.push(system.clock.now());
      }
    });
    await system.advance(1000);
    expect(ends).toEqual([50, 100, 100, 107]);
  });

  const NO_TIMES = [-1, 1.5, Number.NaN, 'foo', undefined, null, 2 ** 32, Number.POSITIVE_INFINITY];

  test.each(NO_TIMES)('RCV-10 after(%s) throws, and the actor can go on', async (ms) => {
    const system = testSystem();
    const seen: unknown[] = [];
    const pid = system.spawn(function* actor(self: Self<Mail>): Actor {
      for (const make of [
        () => self.receive('a').after(ms as number),
        () =>
          self
            .receive('a')
            .where(() => true)
            .after(ms as number),
        () => self.sleep(ms as number),
      ]) {
        try {
          yield* make();
        } catch (error) {
          seen.push(error);
        }
      }
      self.send(self.pid, { tag: 'b' });
      // Nothing is left of the guard, nor of the time-out.
      seen.push(yield* self.receive('b'));
      yield* self.receive('c');
    });
    await system.advance(1000);
    const refused = { name: 'RangeError', message: expect.stringContaining(String(ms)) };
    expect(seen).toEqual([
      ...[refused, refused, refused].map((error) => expect.objectContaining(error)),
      plain('b'),
    ]);
    expect(system.info(pid)?.status).toBe('waiting');
  });

  test('RCV-10 the longest time-out is 2³² − 1 ms, and is kept to the millisecond', async () => {
    const system = testSystem();
    const pid = system.spawn(function* actor(self: Self<Mail>): Actor {
      expect(yield* self.receive().after(2 ** 32 - 1)).toBeUndefined();
    });
    await system.advance(2 ** 32 - 2);
    expect(system.info(pid)?.status).toBe('waiting');
    await system.advance(1);
    expect(system.reasonOf(pid)).toBe('normal');
  });

  test('RCV-11 what is no time throws at once, even if a message is there; it stays', async () => {
    const rest = await left(testSystem(), 'a', function* (self) {
      expect(() => self.receive('a').after('foo' as never)).toThrow(RangeError);
    });
    expect(rest).toBe('a');
  });

  test('RCV-14 sleeping keeps the messages that come', async () => {
    const system = testSystem();
    const seen: unknown[] = [];
    const pid = system.spawn(function* sleeper(self: Self<Mail>): Actor {
      self.send(self.pid, { tag: 'a' });
      yield* self.sleep(20);
      seen.push(system.clock.now(), self.mailbox(self.pid));
    });
    await system.advance(10);
    system.send(pid, { tag: 'b' });
    await system.advance(10);
    expect(seen).toEqual([20, [plain('a'), plain('b')]]);
  });

  test('RCV-14 sleep(0) gives the others a turn and keeps the messages', async () => {
    const system = testSystem();
    const rest = await left(system, 'ab', function* (self) {
      yield* self.sleep(0);
      expect(system.clock.now()).toBe(0);
    });
    expect(rest).toBe('ab');
  });
});

test('RCV-17 a message that looks like an EXIT or a DOWN is a message, and ends nobody', async () => {
  const system = testSystem();
  const pid = system.spawn(idler);
  const ref = { system: 'test', incarnation: 1, ref: 1 };
  const forged = [
    { tag: 'EXIT', from: system.root, reason: 'kill' },
    { tag: 'DOWN', ref, target: pid, reason: 'kill' },
  ];
  for (const message of forged) system.send(pid as Pid<Message>, message);
  await system.settle();
  expect(system.mailbox(pid)).toEqual(forged);
  expect(system.info(pid)?.status).toBe('waiting');
});

test('RCV-18 a plain receive serves as hibernate: it wakes with a message, at once if one is there', async () => {
  const system = testSystem();
  const woke: string[] = [];
  const pid = system.spawn(function* actor(self: Self<Mail>): Actor {
    for (;;) woke.push((yield* self.receive()).tag);
  });
  await system.advance(1_000_000);
  expect(woke).toEqual([]);
  expect(system.info(pid)?.status).toBe('waiting');
  system.send(pid, { tag: 'a' });
  system.send(pid, { tag: 'b' });
  await system.settle();
  expect(woke).toEqual(['a', 'b']);
});

test('RCV-19 what surrounds a receive that waited long is still there: catch runs', async () => {
  const system = testSystem();
  const caught: unknown[] = [];
  const pid = system.spawn(function* actor(self: Self<Mail>): Actor {
    try {
      yield* self.receive('a');
      throw new Error('after a long wait');
    } catch (error) {
      caught.push(error);
    }
  });
  await system.advance(1_000_000);
  system.send(pid, { tag: 'a' });
  await system.settle();
  expect(caught).toMatchObject([{ message: 'after a long wait' }]);
  expect(system.reasonOf(pid)).toBe('normal');
});

describe('RCV-20 only its own code receives from a mailbox', () => {
  test('RCV-20 a receive with the self of an actor that waits fails', async () => {
    const system = testSystem();
    let leaked: Self<Mail> | undefined;
    const owner = system.spawn(function* owner(self: Self<Mail>): Actor {
      leaked = self;
      yield* self.receive('never');
    });
    await system.settle();
    system.send(owner, { tag: 'a' });
    const thief = system.spawn(function* thief(): Actor {
      yield* (leaked as Self<Mail>).receive('a');
    });
    await system.settle();
    expect(system.reasonOf(thief)).toMatchObject({
      message: expect.stringContaining('only its own code'),
    });
    expect(system.mailbox(owner)).toEqual([plain('a')]);
    system.send(owner, { tag: 'never' });
    await system.settle();
    expect(system.reasonOf(owner)).toBe('normal');
  });

  test('RCV-20 a receive with the self of an actor that has ended fails', async () => {
    const system = testSystem();
    let leaked: Self<Mail> | undefined;
    system.spawn(function* owner(self: Self<Mail>): Actor {
      leaked = self;
    });
    await system.settle();
    const thief = system.spawn(function* thief(): Actor {
      yield* (leaked as Self<Mail>).receive('a');
    });
    await system.settle();
    expect(system.reasonOf(thief)).toBeInstanceOf(TypeError);
  });
});

describe('RCV-21 an actor has one receive at a time', () => {
  test('RCV-21 of two receives at once in an async body, the second fails', async () => {
    const system = testSystem();
    const pid = system.spawn(async function greedy(self: Self<Mail>): Promise<void> {
      await Promise.all([self.receive('a'), self.receive('b')]);
    });
    system.send(pid, { tag: 'a' });
    await system.settle();
    expect(system.reasonOf(pid)).toMatchObject({
      message: expect.stringContaining('has not begun'),
    });
  });

  test('RCV-21 a second receive while the first waits fails, and the first goes on', async () => {
    const system = testSystem();
    const seen: unknown[] = [];
    const pid = system.spawn(async function greedy(self: Self<Mail>): Promise<void> {
      const first = self.receive('a').then((message) => seen.push(message));
      try {
        await self.receive('b');
      } catch (error) {
        seen.push(error);
      }
      await first;
    });
    await system.settle();
    system.send(pid, { tag: 'b' });
    system.send(pid, { tag: 'a' });
    await system.settle();
    expect(seen).toEqual([
      expect.objectContaining({ message: expect.stringContaining('one operation at a time') }),
      plain('a'),
    ]);
    expect(system.reasonOf(pid)).toBe('normal');
  });

  test('RCV-21 a receive without its star is found at the next one, which begins afresh', async () => {
    const system = testSystem();
    const seen: unknown[] = [];
    const pid = system.spawn(function* forgetful(self: Self<Mail>): Actor {
      self
        .receive('a')
        .where(() => false)
        .after(10);
      try {
        yield* self.receive('b');
      } catch (error) {
        seen.push(error);
      }
      seen.push(yield* self.receive('b'));
    });
    await system.advance(1000);
    expect(seen).toMatchObject([{ message: expect.stringContaining('write yield*') }]);
    system.send(pid, { tag: 'b' });
    await system.settle();
    expect(seen[1]).toEqual(plain('b'));
  });
});
