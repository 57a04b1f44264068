/**
 * How long the start of a thread takes, next to that of a bare worker in the same process: with the
 * package as it is built (into its dist, first), and from TypeScript by tsx:
 *
 *     node --import tsx test/bench/thread-start.ts [ROUNDS]
 */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeMachine, machineOf } from './machine.ts';
import { COMPILED, compile } from './processes.ts';
import { ratios, summarise } from './statistics.ts';
import type { Starts } from './thread-start/measured.ts';

const MEASURED = fileURLToPath(new URL('thread-start/measured.ts', import.meta.url));
const BY_TSX = ['--import', 'tsx', MEASURED];
/** What is started, and the arguments of the Node that starts it. */
const PROGRAMS: readonly (readonly [string, readonly string[]])[] = [
  ['JavaScript', [join(COMPILED, 'thread-start', 'measured.js')]],
  ['TypeScript', BY_TSX],
  ['TypeScript, the package too', ['--conditions=beamish-source', ...BY_TSX]],
];

const rounds = Number(process.argv[2] ?? 15);
compile(false);
console.log(describeMachine(machineOf({ node: process.execPath, core: undefined }, false)));
console.log(`Milliseconds: the median of ${rounds} rounds, the least and the most\n`);
console.log('| | until | bare worker | thread | ratio |\n| --- | --- | --- | --- | --- |');
for (const [what, args] of PROGRAMS) {
  const { bare, thread } = startsOf(args);
  for (const until of ['begun', 'answered'] as const) {
    const theirs = bare.map((start) => start[until]);
    const ours = thread.map((start) => start[until]);
    const cells = [theirs, ours, ratios(ours, theirs)].map(show);
    console.log(`| ${[what, until, ...cells].join(' | ')} |`);
  }
}

function startsOf(args: readonly string[]): Starts {
  const { status, stdout } = spawnSync(process.execPath, [...args, String(rounds)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`Cannot measure: node ${args.join(' ')} ended with ${status}`);
  return JSON.parse(stdout) as Starts;
}

function show(values: readonly number[]): string {
  const { median, min, max } = summarise(values);
  const [a, b, c] = [median, min, max].map((value) => value.toPrecision(3));
  return `${a} (${b}–${c})`;
}
