/** Bounded mailboxes with several who wait, and deaths of either side: each message is taken once, told lost, or its sender is gone. */

import { kill, type Scenario } from '@beamish/sim';
import { type Actor, configure, type Pid, type Self } from 'beamish';
import { describe, expect, test } from 'vitest';
import { explored } from '../support/explored.ts';
import type { Any } from '../support/scenes.ts';

const POLICIES = ['wait', 'drop_newest', 'drop_oldest', 'exit'] as const;

/** Three senders, by `offer` or `send`, to one who takes so many and may have one message at a time in its mailbox. */
function crowded(
  overflow: (typeof POLICIES)[number],
  senders: readonly ('offer' | 'send')[],
  takes: number,
): Scenario<Any> {
  return function* scenario(self, { eventually, system, count }) {
    const taken: unknown[] = [];
    const done: number[] = [];
    const lost: unknown[] = [];
    system.events.on('dead_letter', ({ message }) => {
      lost.push((message as Any)['n']);
    });
    const to = self.spawn(
      configure(
        function* taker(its: Self<Any>): Actor {
          for (let i = 0; i < takes; i++) taken.push((yield* its.receive('a'))['n']);
        },
        { mailbox: { limit: 1, overflow } },
      ),
    ) as Pid<Any>;
    for (const [n, how] of senders.entries())
      self.spawn(function* sender(its: Self<Any>): Actor {
        if (how === 'offer') yield* its.offer(to, { tag: 'a', n });
        else its.send(to, { tag: 'a', n });
        done.push(n);
      });
    eventually('each is taken or lost, once; or its sender is gone; or it lies there', () => {
      const left = (system.mailbox(to as Pid) ?? []).map((message) => (message as Any)['n']);
      const isAlive = system.info(to as Pid) !== undefined;
      return senders.every((_, n) => {
        const times = [...taken, ...lost, ...left].filter((each) => each === n).length;
        if (times > 1) return false;
        const isSent = done.includes(n);
        // What was in a mailbox goes with its actor.
        if (isSent) return times === 1 || !isAlive;
        const isStillWaiting = overflow === 'wait' && isAlive && times === 0;
        return count({ kind: 'fault' }) > 0 || isStillWaiting;
      });
    });
  };
}

describe.each(POLICIES)('%s', (overflow) => {
  test.each([
    ['three offers, all taken', ['offer', 'offer', 'offer'], 3],
    ['two offers and a send, all taken if they are there', ['offer', 'offer', 'send'], 3],
    ['three offers to one who ends after the first', ['offer', 'offer', 'offer'], 1],
  ] as const)('%s', async (_, senders, takes) => {
    const its = crowded(overflow, senders, takes);
    const options = { mayCrash: ['*'], failures: 'first' } as const;
    expect(await explored(its, options)).toMatchSnapshot();
    expect(await explored(its, { ...options, faults: [kill('taker')] })).toMatchSnapshot();
    expect(await explored(its, { ...options, faults: [kill('sender 1')] })).toMatchSnapshot();
  });
});
