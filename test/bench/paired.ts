/**
 * What a tap that counts costs, closer than `pnpm bench --tap` can tell, or what another state of the
 * sources does: two processes take short turns on one core, so that whatever slows the machine slows
 * both, and what counts is the processor's time. As V8 compiles each process its own way, which alone
 * makes a tenth of difference, there are several pairs.
 *
 *     node --import tsx test/bench/paired.ts [--beside FOLDER] [WORKLOAD…]
 *
 * FOLDER is another checkout, installed and built: its beamish runs these workloads.
 */

import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine, machineOf } from './machine.ts';
import { COMPILED, compile, lastCore } from './processes.ts';
import { ratios, summarise } from './statistics.ts';
import { suite } from './suite.ts';

const PAIRS = 12;
const ROUNDS = 10;
/** A turn is this part of what the workload does elsewhere: some 100 ms, so that the collections in it are many. */
const PART = 1 / 8;

/** One of the two: a program, and as what it runs. */
interface Side {
  readonly compiled: string;
  readonly engine: 'beamish' | 'tap';
}

const { values, positionals: names } = parseArgs({
  options: { beside: { type: 'string' } },
  allowPositionals: true,
});
const core = lastCore();
compile(false);
const here: Side = { compiled: COMPILED, engine: 'beamish' };
const { sides, title } =
  values.beside === undefined
    ? { sides: [here, { ...here, engine: 'tap' }] as const, title: 'A tap that counts, to none' }
    : {
        sides: [{ ...here, compiled: placed(values.beside) }, here] as const,
        title: `These sources, to those in ${values.beside}`,
      };
console.log(describeMachine(machineOf({ node: process.execPath, core }, false)));
console.log(`${title}: the median of ${PAIRS} pairs, the lowest and the highest\n`);
console.log('| workload | ratio |\n| --- | --- |');
for (const { name, n, unit } of suite) {
  if (unit === 'B' || (names.length > 0 && !names.includes(name))) continue;
  const medians: number[] = [];
  for (let pair = 0; pair < PAIRS; pair++)
    medians.push(await ratioOfPair(name, Math.ceil(n * PART)));
  const { median, min, max } = summarise(medians);
  console.log(`| ${name} | ${median.toFixed(3)} (${min.toFixed(3)}–${max.toFixed(3)}) |`);
}

async function ratioOfPair(name: string, n: number): Promise<number> {
  const [one, other] = sides;
  const processes = [await started(one, name, n), await started(other, name, n)] as const;
  const figures: readonly [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (const turn of [0, 1]) {
      const which = ((turn + round) % 2) as 0 | 1;
      figures[which].push(await figureOf(processes[which]));
    }
  }
  for (const each of processes) each.kill();
  return summarise(ratios(figures[1], figures[0])).median;
}

/** The compiled workloads, where they find the beamish of that checkout. */
function placed(folder: string): string {
  const compiled = join(resolve(folder), 'node_modules', '.cache', 'beamish-beside');
  cpSync(COMPILED, compiled, { recursive: true });
  return compiled;
}

async function started({ compiled, engine }: Side, name: string, n: number): Promise<ChildProcess> {
  const program = join(compiled, 'paired', 'measured.js');
  const child = fork(program, [engine, name, String(n)], {
    cwd: compiled,
    // Crash reports are written, but nobody reads them.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  if (core !== undefined) spawnSync('taskset', ['-a', '-p', '-c', String(core), String(child.pid)]);
  await heardFrom(child);
  return child;
}

async function figureOf(child: ChildProcess): Promise<number> {
  child.send('go');
  return (await heardFrom(child)) as number;
}

/** @throws Error when it has ended instead. */
async function heardFrom(child: ChildProcess): Promise<unknown> {
  const heard = new AbortController();
  const { signal } = heard;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as unknown),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`Cannot measure in turns: a process ended with ${String(code)}`);
      }),
    ]);
  } finally {
    heard.abort();
  }
}
