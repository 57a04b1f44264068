/** Receive: time-outs, and sleep. */

import type { Actor, Message, Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { plain } from '../support/recorder.ts';
import { everySchedule } from '../support/schedules.ts';
import { left, type Mail } from './mail.ts';

describe('time-outs', () => {
  test('RCV-05 after(0) looks through the whole mailbox once', async () => {
    await everySchedule(5, async (system) => {
      const rest = await left(system, 'aab', function* (self) {
        expect(yield* self.receive('c').after(0)).toBeUndefined();
        expect((yield* self.receive('b').after(0))?.tag).toBe('b');
        expect(yield* self.receive('b').after(0)).toBeUndefined();
      });
      expect(rest).toBe('aa');
    });
  });

  test('RCV-06 after(0) on an empty mailbox is over at once', async () => {
    await everySchedule(102, async (system) => {
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
    await everySchedule(2, async (system) => {
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
