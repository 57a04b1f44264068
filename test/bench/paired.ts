/**
 * What a tap that counts costs, closer than `pnpm bench --tap` can tell: two processes, one with it and
 * one without, take short turns on one core, so that whatever slows the machine slows both. As V8
 * compiles each process its own way, which alone makes a tenth of difference, there are several pairs.
 *
 *     node --import tsx test/bench/paired.ts [WORKLOAD…]
 */

import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describeMachine, machineOf } from './machine.ts';
import { COMPILED, compile, lastCore } from './processes.ts';
import { ratios, summarise } from './statistics.ts';
import { suite } from './suite.ts';

const PAIRS = 12;
const ROUNDS = 10;
/** A turn is this part of what the workload does elsewhere: some 100 ms, so that the collections in it are many. */
const PART = 1 / 8;

const core = lastCore();
compile(false);
console.log(describeMachine(machineOf({ node: process.execPath, core }, false)));
console.log(
  `A tap that counts, to none: the median of ${PAIRS} pairs, the lowest and the highest\n`,
);
console.log('| workload | ratio |\n| --- | --- |');
const names = process.argv.slice(2);
for (const { name, n, unit } of suite) {
  if (unit === 'B' || (names.length > 0 && !names.includes(name))) continue;
  const medians: number[] = [];
  for (let pair = 0; pair < PAIRS; pair++)
    medians.push(await ratioOfPair(name, Math.ceil(n * PART)));
  const { median, min, max } = summarise(medians);
  console.log(`| ${name} | ${median.toFixed(3)} (${min.toFixed(3)}–${max.toFixed(3)}) |`);
}

async function ratioOfPair(name: string, n: number): Promise<number> {
  const processes = [await started('beamish', name, n), await started('tap', name, n)] as const;
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

async function started(engine: string, name: string, n: number): Promise<ChildProcess> {
  const program = join(COMPILED, 'paired', 'measured.js');
  const child = fork(program, [engine, name, String(n)], {
    cwd: COMPILED,
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
