/** What goes wrong when a timer fires, long after whoever started it. */

import type { Actor, Message, ReplyTo, Self } from 'beamish';
import { figuresOf } from 'beamish/observation';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { plain } from '../../support/recorder.ts';

describe('a timer that fails', () => {
  test('to an alias, by what is no message, fails the one who starts it', async () => {
    const system = testSystem();
    const pid = system.spawn(function* (self: Self<Message>): Actor {
      self.sendAfter(10, self.alias(), 42 as never);
      yield* self.receive();
    });
    await system.settle();
    expect(system.reasonOf(pid)).toMatchObject({
      message: expect.stringContaining('Cannot send 42'),
    });
  });

  test('when it fires, is a dead letter, and all other timers go on', async () => {
    const system = testSystem();
    const fired: string[] = [];
    // What reads this throws once it is time.
    let isTime = false;
    const message = {
      get tag(): string {
        if (isTime) throw new Error('a getter');
        return 'note';
      },
    };
    const pid = system.spawn(function* (self: Self<Message>): Actor {
      for (;;) fired.push((yield* self.receive()).tag);
    });
    system.sendInterval(10, pid, message);
    system.sendAfter(10, pid, plain('other'));
    await system.settle();
    isTime = true;
    await system.advance(20);
    expect(fired).toEqual(['other']);
    expect(system.told('dead_letter').map(({ why }) => why)).toEqual(['unhandled', 'unhandled']);
  });
});

describe('an interval', () => {
  test('comes out behind what was started before it for the same moment, and before what was after', async () => {
    const system = testSystem();
    const fired: string[] = [];
    const pid = system.spawn(function* (self: Self<Message>): Actor {
      self.sendAfter(10, self.pid, plain('before'));
      self.sendInterval(10, self.pid, plain('again'));
      self.sendAfter(10, self.pid, plain('after'));
      for (;;) fired.push((yield* self.receive()).tag);
    });
    await system.advance(20);
    expect(fired).toEqual(['before', 'again', 'after', 'again']);
    system.exitSignal(pid, 'kill');
    await system.settle();
    expect(figuresOf(system).timers).toBe(0);
  });
});

test('a ref of a timer shows nothing of what it sends, and finds nothing once it is over', async () => {
  const system = testSystem();
  const ref = system.sendAfter(10, system.root as never, plain('secret'));
  expect(Object.keys(ref)).toEqual(['system', 'incarnation', 'ref']);
  expect(JSON.stringify(ref)).not.toContain('secret');
  expect(system.cancelTimer(ref)).toBe(10);
  expect(system.cancelTimer(ref)).toBe(false);
});

test('the root answers what it is asked, and ends by nothing that is sent to it', async () => {
  const system = testSystem();
  const odd = [
    { tag: '$whereis' },
    { tag: '$whereis', name: 5, replyTo: 7 },
    { tag: '$whereis', name: '', replyTo: undefined },
  ];
  for (const message of odd) system.send(system.root as never, message as never);
  system.spawn(function* (self: Self<Message>): Actor {
    const replyTo: ReplyTo = self.alias();
    self.send(system.root as never, { tag: '$whereis', name: 'x', replyTo } as never);
    yield* self.receive();
  });
  await system.settle();
  expect(system.told('exit')).toEqual([]);
  expect(system.told('dead_letter')).toHaveLength(4);
});
