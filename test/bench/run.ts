/** Measures beamish beside Erlang's own virtual machine, and prints how they compare. `pnpm bench`. */

import { writeFileSync } from 'node:fs';
import { fallen, otherMachine, saveBaseline } from './baseline.ts';
import {
  type Comparison,
  type Contestant,
  comparisons,
  contestants,
  evaluate,
  keyOf,
  type Result,
} from './comparison.ts';
import { describeMachine, type Machine, machineOf } from './machine.ts';
import { type Options, parse, USAGE } from './options.ts';
import { compile, floors, hasErlang, type Launch, lastCore, measure } from './processes.ts';
import { suite } from './suite.ts';
import { describe, table } from './table.ts';
import type { Workload } from './workload.ts';

/** Operations of a smoke test. */
const NEXT_TO_NOTHING = 10_000;

let failures = 0;
try {
  await main(parse(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\n${USAGE}`);
  failures++;
}
process.exitCode = failures === 0 ? 0 : 1;

async function main(options: Options): Promise<void> {
  const { smoke } = options;
  if (options.help) return console.log(USAGE);
  const erlang = hasErlang();
  const lines = comparisons(chosen(options.names), {
    erlang,
    tap: options.tap,
    floors: options.floor || smoke ? floors() : [],
    n: smoke ? NEXT_TO_NOTHING : undefined,
  });
  compile(erlang);
  const launch: Launch = { node: options.node, core: smoke ? undefined : lastCore() };
  const figures = await measureAll(contestants(lines), smoke ? 1 : options.rounds, launch);
  if (smoke) console.log(`${figures.size} programs work`);
  else report(evaluateAll(lines, figures), machineOf(launch, erlang), options);
}

/** @throws TypeError for a name that no workload has. */
function chosen(names: readonly string[]): readonly Workload[] {
  for (const name of names) {
    if (!suite.some((workload) => workload.name === name)) {
      const known = suite.map((workload) => workload.name).join(', ');
      throw new TypeError(`Cannot measure "${name}": the workloads are ${known}`);
    }
  }
  return names.length === 0 ? suite : suite.filter(({ name }) => names.includes(name));
}

/** Round by round, so that whatever else the machine does meets all alike. */
async function measureAll(
  all: readonly Contestant[],
  rounds: number,
  launch: Launch,
): Promise<ReadonlyMap<string, number[]>> {
  const figures = new Map<string, number[]>();
  const broken = new Set<string>();
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of all) {
      const key = keyOf(contestant);
      if (broken.has(key)) continue;
      tell(`${round}/${rounds} ${key}`);
      try {
        const taken = figures.get(key);
        const figure = await measure(contestant, launch);
        if (taken === undefined) figures.set(key, [figure]);
        else taken.push(figure);
      } catch (error) {
        // One program that does not work must not keep the others from being measured.
        broken.add(key);
        figures.delete(key);
        fail((error as Error).message);
      }
    }
  }
  tell('');
  return figures;
}

/** Without the lines of programs that failed. */
function evaluateAll(
  lines: readonly Comparison[],
  figures: ReadonlyMap<string, readonly number[]>,
): Result[] {
  return lines
    .filter(({ subject, rival }) =>
      [subject, rival ?? subject].every((it) => figures.has(keyOf(it))),
    )
    .map((line) => evaluate(line, figures));
}

function report(results: readonly Result[], machine: Machine, options: Options): void {
  const json = JSON.stringify({ machine, rounds: options.rounds, results }, null, 2);
  writeFileSync(new URL('results.json', import.meta.url), `${json}\n`);
  if (options.json) console.log(json);
  else console.log(`${describeMachine(machine)}; ${options.rounds} rounds\n\n${table(results)}`);
  if (options.check) check(results, machine);
  if (options.save) saveBaseline(results, machine);
}

function check(results: readonly Result[], machine: Machine): void {
  for (const { workload, subject, rival, reached } of results) {
    if (reached !== false) continue;
    const against = rival === undefined ? '' : `, ${describe(subject, rival)}`;
    fail(`${workload.name}${against}: the target is missed`);
  }
  const other = otherMachine(machine);
  if (other !== undefined) console.error(`Not compared with baseline.json, which is of ${other}`);
  else for (const sentence of fallen(results)) fail(`${sentence}: fell by more than its noise`);
}

function fail(what: string): void {
  failures++;
  console.error(what);
}

/** One line that is written over and over, for those who wait at a terminal. */
function tell(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}`);
}
