/** Signals: messages shared, frozen and cloned. */

import type { Actor, Message, Pid, ReplyTo, Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { idler } from '../support/recorder.ts';

describe('SIG-19 messages are values', () => {
  interface Box extends Message {
    readonly tag: 'box';
    n: number;
    inner: { list: number[]; from: Pid };
  }

  function* sender(self: Self, to: Pid<Box>, how: 'send' | 'sendAfter', log: unknown[]): Actor {
    const box: Box = { tag: 'box', n: 1, inner: { list: [1], from: self.pid } };
    log.push(box);
    if (how === 'send') self.send(to, box);
    else self.sendAfter(5, to, box);
    const changes = [() => (box.n = 2), () => box.inner.list.push(2)];
    for (const change of changes) {
      try {
        change();
      } catch (error) {
        log.push(error);
      }
    }
  }

  function* taker(self: Self<Box>, log: Box[]): Actor {
    for (;;) log.push(yield* self.receive('box'));
  }

  const HOWS = ['send', 'sendAfter'] as const;

  test.each(HOWS)('SIG-19 messages: share: %s passes on the very object', async (how) => {
    const system = testSystem({ messages: 'share' });
    const [got, sent]: [Box[], unknown[]] = [[], []];
    system.spawn(sender, system.spawn(taker, got), how, sent);
    await system.advance(5);
    expect(got[0]).toBe(sent[0]);
    expect(got).toMatchObject([{ n: 2, inner: { list: [1, 2] } }]);
  });

  test.each(HOWS)('SIG-19 messages: freeze: after %s the sender cannot change it', async (how) => {
    const system = testSystem({ messages: 'freeze' });
    const [got, sent]: [Box[], unknown[]] = [[], []];
    system.spawn(sender, system.spawn(taker, got), how, sent);
    await system.advance(5);
    expect(got).toMatchObject([{ n: 1, inner: { list: [1] } }]);
    expect(sent).toMatchObject([{ tag: 'box' }, { name: 'TypeError' }, { name: 'TypeError' }]);
  });

  test.each(HOWS)('SIG-19 messages: clone: after %s the receiver has its own', async (how) => {
    const system = testSystem({ messages: 'clone' });
    const [got, sent]: [Box[], unknown[]] = [[], []];
    const from = system.spawn(sender, system.spawn(taker, got), how, sent);
    await system.advance(5);
    expect(got).toMatchObject([{ n: 1, inner: { list: [1] } }]);
    expect(sent).toMatchObject([{ n: 2, inner: { list: [1, 2] } }]);
    // A pid is the same object everywhere.
    expect(got[0]?.inner.from).toBe(from);
  });

  test('SIG-19 messages: clone: a reply is copied too', async () => {
    const system = testSystem({ messages: 'clone' });
    const list = [1];
    const keeper = system.spawn(function* keeper(
      self: Self<{ tag: 'get'; replyTo: ReplyTo<number[]> }>,
    ): Actor {
      const { replyTo } = yield* self.receive('get');
      self.send(replyTo, list);
      list.push(2);
    });
    const reply = system.call(keeper, { tag: 'get' });
    await system.settle();
    expect(await reply).toEqual([1]);
  });

  test('SIG-19 messages: clone: what cannot be copied throws in the sender', () => {
    const system = testSystem({ messages: 'clone' });
    const to = system.spawn(idler);
    const message = { tag: 'm', inner: { run: () => {} } };
    expect(() => system.send(to, message)).toThrow(
      new TypeError('Cannot copy a message: message.inner.run is a function'),
    );
  });
});
