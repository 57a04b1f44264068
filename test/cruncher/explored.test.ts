/** Crunchers that end at any step at which it makes a difference: each chunk is counted once. */

import { crash, explore, type Fault as Killing, kill } from '@beamish/sim';
import { type Actor, CallFailed } from 'beamish';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../examples/cruncher/src/cruncher.ts';
import { STATUS, UPLOADER } from '../../examples/cruncher/src/messages.ts';
import { countedOnce, explored, IS_LONG, uploading } from './uploading.ts';

/** So many of them: one that has been alone has no number, and the supervisor of them all is called `crunchers`. */
function times(fault: typeof kill | typeof crash, most: number, crunchers: number): Killing[] {
  if (crunchers > 1) return [fault('cruncher *', { times: most })];
  const others = most > 1 ? [fault('cruncher *', { times: most - 1 })] : [];
  return [fault('cruncher'), ...others];
}

test.each([
  [1, 1],
  [2, 1],
  [2, 2],
  [3, 2],
])('%i chunks by %i crunchers', async (chunks, crunchers) => {
  expect(await explored(uploading(chunks, { crunchers }))).toMatchSnapshot();
});

describe('killed at any step, each chunk is counted once', () => {
  test.each([
    [1, 1, 1],
    [1, 1, 2],
    [1, 1, 3],
    [2, 1, 1],
    [2, 1, 2],
    [1, 2, 1],
    [2, 2, 1],
  ])('%i chunks by %i crunchers, %i kills', async (chunks, crunchers, most) => {
    const faults = times(kill, most, crunchers);
    expect(await explored(uploading(chunks, { crunchers }), { faults })).toMatchSnapshot();
  });

  test.runIf(IS_LONG).each([
    [2, 1, 3, 398],
    [1, 2, 2, 1550],
    [2, 2, 2, 7256],
  ])(
    '%i chunks by %i crunchers, %i kills',
    async (chunks, crunchers, most, schedules) => {
      const faults = times(kill, most, crunchers);
      expect(await explored(uploading(chunks, { crunchers }), { faults })).toBe(schedules);
    },
    600_000,
  );
});

describe('crashed', () => {
  test.each([
    [1, 1, 3],
    [2, 1, 3],
    [1, 2, 2],
  ])(
    'before they begin, a chunk is not given up, as nobody has begun: %i chunks by %i crunchers, %i crashes',
    async (chunks, crunchers, most) => {
      const faults = times(crash, most, crunchers);
      expect(await explored(uploading(chunks, { crunchers }), { faults })).toMatchSnapshot();
    },
  );

  test.each([
    [1, 1],
    [2, 1],
  ])(
    'by a chunk, before or after it was crunched, at two places: %i chunks by %i crunchers',
    async (chunks, crunchers) => {
      const scenario = uploading(chunks, ({ choose }) => {
        let left = 2;
        const fault: Fault = () => {
          if (left === 0 || choose(2) === 0) return;
          left--;
          throw new Error('nervous');
        };
        return { crunchers, fault };
      });
      expect(await explored(scenario)).toMatchSnapshot();
    },
  );

  test('by a chunk at three places: it is given up if it was never crunched, and counted otherwise', async () => {
    let isCrunched = false;
    const ends = new Set<string>();
    const scenario = uploading(
      1,
      ({ choose }) => {
        let left = 3;
        let isBegun = false;
        isCrunched = false;
        const fault: Fault = () => {
          const isAfter = isBegun;
          isBegun = !isBegun;
          isCrunched ||= isAfter;
          if (left === 0 || choose(2) === 0) return;
          left--;
          isBegun = false;
          throw new Error('nervous');
        };
        return { crunchers: 1, fault };
      },
      () => {
        const gaveUp =
          '! a.txt: a part could not be crunched: nervous | a.txt 0 found 0 new 0 in total';
        ends.add(isCrunched ? 'counted' : 'given up');
        return isCrunched ? countedOnce(1) : gaveUp.slice(2);
      },
    );
    expect(await explored(scenario)).toMatchSnapshot();
    expect([...ends].sort()).toEqual(['counted', 'given up']);
  });
});

test.each([UPLOADER, STATUS])(
  '$name killed at any step: whoever waits hears of it',
  async (whom) => {
    const ends = new Set<string>();
    const scenario = uploading(1, { crunchers: 1 });
    const found = await explore(
      function* ending(self, sim) {
        try {
          self.trapExit(true);
          yield* scenario(self, sim) as Actor;
          ends.add('counted');
        } catch (error) {
          if (!(error instanceof CallFailed)) throw error;
          ends.add(String(error.reason));
        }
      },
      { strategy: 'every', faults: [kill(whom)], budget: { runs: 20_000 } },
    );
    expect(String(found.failure ?? 'passed')).toBe('passed');
    expect(found.runs).toBeLessThan(20_000);
    expect({ schedules: found.runs, ends: [...ends].sort() }).toMatchSnapshot();
  },
);
