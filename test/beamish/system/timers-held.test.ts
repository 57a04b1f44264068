/** What keeps a program alive: nothing that was taken back. */

import { type Message, name, type Pid, type ReplyTo } from 'beamish';
import { testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import { idler, plain } from '../../support/recorder.ts';

interface Asked {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<void>;
}

test('a timer that was cancelled from outside holds nothing', async () => {
  const system = testSystem();
  const timer = system.sendAfter(60_000, name<Message>('nobody'), plain('x'));
  await system.settle();
  expect(system.clock.isSilent).toBe(false);
  expect(system.cancelTimer(timer)).toBe(60_000);
  await system.settle();
  expect(system.clock.isSilent).toBe(true);
});

test('a call that was aborted from outside holds nothing', async () => {
  const system = testSystem();
  const abort = new AbortController();
  const to = system.spawn(idler);
  const call = system.call(to as Pid<Asked>, { tag: 'ask' }).within(60_000, abort.signal);
  call.catch(() => {});
  await system.settle();
  expect(system.clock.isSilent).toBe(false);
  abort.abort(new Error('enough'));
  await system.settle();
  await expect(call).rejects.toThrow('enough');
  expect(system.clock.isSilent).toBe(true);
});

test('a ref of another system of this thread is no timer of this one, and both go on', async () => {
  const [one, other] = [testSystem({ name: 'one' }), testSystem({ name: 'other' })];
  const got: string[] = [];
  const pid = other.spawn(function* (self) {
    for (;;) got.push((yield* self.receive()).tag);
  });
  const timer = other.sendAfter(50, pid as never, plain('x') as never);
  for (const settle of [one.settle, other.settle]) await settle();
  expect(one.cancelTimer(timer)).toBe(false);
  expect(one.readTimer(timer)).toBe(false);
  expect(other.readTimer(timer)).toBe(50);
  one.sendAfter(10, pid as never, plain('y') as never);
  await one.advance(50);
  await other.advance(50);
  expect(got).toEqual(['x']);
});
