/** Crunchers in another thread, which is lost, or cut off, at any step at which it makes a difference: each chunk is counted once. */

import { cut, type Fault, kill, restart } from '@beamish/sim';
import { placed } from 'beamish/transport';
import { expect, test } from 'vitest';
import { recruit } from '../../examples/cruncher/src/cruncher.ts';
import type { Hire } from '../../examples/cruncher/src/recruiter.ts';
import { explored, IS_LONG, uploading } from './uploading.ts';

const THREAD = 'thread-1';
const systems = [THREAD];

interface Size {
  readonly chunks: number;
  /** In this thread. */
  readonly crunchers: number;
  /** In the other one. */
  readonly recruits: number;
}

function schedules(
  { chunks, crunchers, recruits }: Size,
  faults: readonly Fault[],
): Promise<number> {
  const hire: Hire = async () =>
    Array.from({ length: recruits }, () => placed(recruit, () => THREAD));
  return explored(uploading(chunks, { crunchers, hire }), { systems, faults });
}

test.each([
  ['nothing happens', { chunks: 1, crunchers: 1, recruits: 1 }, []],
  ['a recruit is killed', { chunks: 1, crunchers: 0, recruits: 1 }, [kill('recruit')]],
  ['the thread is lost', { chunks: 1, crunchers: 0, recruits: 1 }, [restart(THREAD)]],
  ['the thread is lost', { chunks: 2, crunchers: 0, recruits: 1 }, [restart(THREAD)]],
  ['the thread is lost', { chunks: 1, crunchers: 1, recruits: 1 }, [restart(THREAD)]],
] as const)(
  '%s: %o',
  async (_, size, faults) => {
    expect(await schedules(size, faults)).toMatchSnapshot();
  },
  120_000,
);

test.runIf(IS_LONG).each([
  [
    'the thread is lost twice',
    { chunks: 1, crunchers: 0, recruits: 1 },
    [restart(THREAD, { times: 2 })],
    183,
  ],
  ['the thread is lost', { chunks: 1, crunchers: 0, recruits: 2 }, [restart(THREAD)], 572],
  ['a recruit is killed', { chunks: 1, crunchers: 1, recruits: 1 }, [kill('recruit')], 208],
  ['it is cut off', { chunks: 1, crunchers: 1, recruits: 1 }, [cut(['main', THREAD])], 44],
] as const)(
  '%s: %o',
  async (_, size, faults, expected) => {
    expect(await schedules(size, faults)).toBe(expected);
  },
  600_000,
);
