/** Time and chance of actors: the seams of their system, and no other source. */

import type { Actor, Message, Pid, Self } from 'beamish';
import { seededDecisions, testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import { idler, mortal, plain } from '../../support/recorder.ts';

test('now and wall are those of the clock, for an actor and for the outside', async () => {
  const system = testSystem();
  const times: unknown[] = [];
  system.spawn(function* (self: Self): Actor {
    times.push([self.now(), self.wall()]);
    yield* self.sleep(1500);
    times.push([self.now(), self.wall()]);
  });
  await system.advance(2000);
  times.push([system.now(), system.wall()]);
  const epoch = Date.UTC(2000);
  expect(times).toEqual([
    [0, epoch],
    [1500, epoch + 1500],
    [2000, epoch + 2000],
  ]);
});

test('a clock without a calendar has the host’s', () => {
  const system = testSystem();
  Object.assign(system.clock, { wall: undefined });
  const before = Date.now();
  expect(system.wall()).toBeGreaterThanOrEqual(before);
});

test('random draws from the decisions, so that a seed replays it', async () => {
  const drawn = async (seed: number): Promise<readonly number[]> => {
    const system = testSystem({ seed });
    const numbers: number[] = [];
    for (let i = 0; i < 3; i++)
      system.spawn(function* (self: Self): Actor {
        for (let n = 0; n < 3; n++) {
          numbers.push(self.random());
          yield* self.yield();
        }
      });
    await system.settle();
    return [...numbers, system.random()];
  };
  const numbers = await drawn(7);
  expect(await drawn(7)).toEqual(numbers);
  expect(await drawn(8)).not.toEqual(numbers);
  for (const n of numbers) expect(n >= 0 && n < 1).toBe(true);
});

test('decisions are told who can be chosen, in the order of becoming runnable', async () => {
  const asked: string[][] = [];
  const system = testSystem({
    decisions: {
      ...seededDecisions(1),
      choose(count, who) {
        const pids = [...who];
        expect(pids).toHaveLength(count);
        asked.push(pids.map(({ serial }) => String(serial)));
        return count - 1;
      },
    },
  });
  await system.settle();
  const [a, b] = [system.spawn(mortal, []) as Pid<Message>, system.spawn(idler)];
  await system.settle();
  expect(asked).toEqual([[String(a.serial), String(b.serial)]]);
  system.send(a, plain('x'));
  await system.settle();
  expect(asked).toHaveLength(1);
});
