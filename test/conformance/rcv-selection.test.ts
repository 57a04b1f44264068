/** Receive: what it selects, and what it leaves. */

import type { Actor, Message, Pid, Receive, ReplyTo, Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { idler, numbered, plain } from '../support/recorder.ts';
import { everySchedule, underSchedules } from '../support/schedules.ts';
import { left, type Mail } from './mail.ts';

describe('selection', () => {
  test('RCV-01 receive() takes messages in the order of arrival', async () => {
    const taken: string[] = [];
    await left(testSystem(), 'abc', function* (self) {
      for (let i = 0; i < 3; i++) taken.push((yield* self.receive()).tag);
    });
    expect(taken).toEqual(['a', 'b', 'c']);
  });

  test('RCV-02 a selective receive takes the first that matches, and leaves the others in order', async () => {
    await everySchedule(3, async (system) => {
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
    await everySchedule(6, async (system) => {
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
    await everySchedule(3, async (system) => {
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
    await everySchedule(3, async (system) => {
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
    await everySchedule(46, async (system) => {
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
