/** The whole tree at work on one small file, as a scenario whose schedules are explored. */

import {
  type ExploreOptions,
  explore,
  type Scenario,
  type Sim,
  SimulationFailed,
} from '@beamish/sim';
import { expect } from 'vitest';
import { RECRUITER, UPLOADER } from '../../examples/cruncher/src/messages.ts';
import { crunching, type TreeOptions } from '../../examples/cruncher/src/tree.ts';
import { memoryFiles } from './memory-files.ts';

const CHUNK_BYTES = 16;

/** In the long form, which takes minutes, there are more of everything. */
export const IS_LONG = process.env['BEAMISH_EXPLORE'] === '1';

/** So many chunks, each of which has an address of its own and one that all have. */
function textOf(chunks: number): string {
  const all = Array.from({ length: chunks }, (_, i) => `p${i}@x.org a@b.cd `);
  return all.map((each) => each.padEnd(CHUNK_BYTES)).join('');
}

/** What a file of so many is to come to: each chunk has been counted, and once. */
export function countedOnce(chunks: number): string {
  const found = 2 * chunks;
  return `a.txt ${found} found ${chunks + 1} new ${found} in total`;
}

/** Uploads a file of so many chunks. @throws Error if what is printed then is not as expected. */
export function uploading(
  chunks: number,
  optionsOf: Partial<TreeOptions> | ((sim: Sim) => Partial<TreeOptions>),
  expected: () => string = () => countedOnce(chunks),
): Scenario {
  return function* scenario(self, sim) {
    const options = typeof optionsOf === 'function' ? optionsOf(sim) : optionsOf;
    const files = memoryFiles({ 'a.txt': textOf(chunks) });
    const lines: string[] = [];
    const print = (text: string): void => void lines.push(text.trimEnd().replace(/ {2,}/g, ' '));
    const output = {
      look: { colour: false, columns: 80 },
      isTerminal: false,
      failed: new Promise<never>(() => {}),
      print,
      complain: print,
      progress() {},
      finish: async () => undefined,
    };
    const status = {
      output,
      format: 'report',
      top: 0,
      showsProgress: false,
      now: () => 0,
    } as const;
    const uploader = { files, chunkBytes: CHUNK_BYTES, moveMs: -1 };
    const tree = yield* self.startLink(crunching({ status, uploader, ...options }));
    if (!tree.ok) throw tree.reason;
    self.unlink(tree.pid as never);
    if (options.hire !== undefined) self.send(RECRUITER, { tag: 'recruit' });
    yield* self.call(UPLOADER, { tag: 'upload', paths: files.paths }).within('infinity');
    const printed = lines.join(' | ');
    if (printed !== expected()) throw new Error(printed);
  };
}

const MOST = 200_000;

/** How many schedules there are, all of which pass. @throws SimulationFailed for one that does not. */
export async function explored(scenario: Scenario, options: ExploreOptions = {}): Promise<number> {
  const found = await explore(scenario, {
    strategy: 'every',
    budget: { runs: MOST },
    compareEvery: 500,
    ...options,
  });
  if (found.verdict.kind !== 'passed') throw new SimulationFailed(found);
  // All have been run. It does not call itself complete, as files are read by promises, whose order it does not choose.
  expect(found.runs, found.toString()).toBeLessThan(MOST);
  return found.runs;
}
