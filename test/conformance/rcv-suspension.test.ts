/** Receive: what a suspended actor keeps, and who may receive when. */

import type { Actor, Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { plain } from '../support/recorder.ts';
import type { Mail } from './mail.ts';

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
