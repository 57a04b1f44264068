/**
 * What the size of the young generation costs a thread in processor time: a worker for each size, in
 * turns of one and the other.
 *
 *     node --import tsx test/bench/young.ts [ROUNDS [NAMES OF WORKLOADS…]]
 */

import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describeMachine, machineOf } from './machine.ts';
import { COMPILED, compile } from './processes.ts';
import { ratios, summarise } from './statistics.ts';

/** In MB, as `resourceLimits.maxYoungGenerationSizeMb` has it; 48 is what Node gives a thread. */
const USUAL = 48;
const SIZES = [16, 32, USUAL, 64, 128];
const WORKLOADS: readonly (readonly [name: string, n: number])[] = [
  ['ping-pong', 300_000],
  ['call', 200_000],
  ['fan-in', 500_000],
  ['count-burst', 300_000],
  ['spawn-all-first', 100_000],
  ['start-on-demand', 50_000],
  ['timers-standing', 100_000],
];
const WARM_UP = 2;

const rounds = Number(process.argv[2] ?? 7);
const names = process.argv.slice(3);
compile(false);
console.log(describeMachine(machineOf({ node: process.execPath, core: undefined }, false)));
console.log(`Processor time beside ${USUAL} MB: the median of ${rounds} rounds, least and most\n`);
console.log(`| MB | ${SIZES.join(' | ')} |\n|---|${SIZES.map(() => '---|').join('')}`);
for (const [name, n] of WORKLOADS) {
  if (names.length > 0 && !names.includes(name)) continue;
  const costs = await measured(name, n);
  const usual = costs[SIZES.indexOf(USUAL)] as readonly number[];
  console.log(`| ${[name, ...costs.map((its) => shown(ratios(its, usual)))].join(' | ')} |`);
}

/** Of each size, by round: milliseconds of the processor, of all threads of this process, as the others do nothing. */
async function measured(name: string, n: number): Promise<number[][]> {
  const workers = SIZES.map(
    (maxYoungGenerationSizeMb) =>
      new Worker(join(COMPILED, 'young', 'measured.js'), {
        workerData: { name, n },
        execArgv: [],
        resourceLimits: { maxYoungGenerationSizeMb },
      }),
  );
  const costs = SIZES.map((): number[] => []);
  for (let round = -WARM_UP; round < rounds; round++)
    for (let turn = 0; turn < SIZES.length; turn++) {
      const i = (turn + round + WARM_UP) % SIZES.length;
      const before = process.cpuUsage();
      workers[i]?.postMessage('once more');
      await once(workers[i] as Worker, 'message');
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) costs[i]?.push((user + system) / 1000);
    }
  for (const worker of workers) await worker.terminate();
  return costs;
}

function shown(values: readonly number[]): string {
  const { median, min, max } = summarise(values);
  return `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`;
}
