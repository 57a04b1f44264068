/**
 * Sums up how much of Erlang's semantics is proven: a row of the sheet is held when a test has passed
 * whose name or whose group's name begins with its ID, and none has failed.
 *
 *     pnpm conformance            runs the tests, and prints the table and what is not held
 *     … summary.ts RESULTS        prints it from the results of a run
 *     … summary.ts RESULTS --write | --check     puts the table into the README, or compares it
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { DEVIATIONS } from './deviations.ts';

interface Row {
  readonly id: string;
  readonly rank: 'MUST' | 'SHOULD' | 'NICE';
  readonly rule: string;
}

interface Results {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string;
      readonly ancestorTitles: readonly string[];
      readonly status: string;
    }[];
  }[];
}

type State = 'held' | 'deviates' | 'failed' | 'not built';

const SECTIONS: Readonly<Record<string, string>> = {
  SIG: 'Signals and their order',
  RCV: 'Mailbox and selective receive',
  PROC: 'Processes',
  EXIT: 'Exit signals',
  LINK: 'Links',
  MON: 'Monitors',
  REG: 'Names',
  ALI: 'Aliases',
  TMR: 'Timers',
  PLIB: 'Starts, crash reports, system messages',
  GS: 'Servers',
  SM: 'State machines',
  SUP: 'Supervisors',
  DSUP: 'Dynamic supervisors',
  TASK: 'Tasks',
  AGT: 'Agents',
  RGY: 'Registries',
  PG: 'Process groups',
  NODE: 'Other systems: threads',
};

const README = new URL('../../README.md', import.meta.url);
const BEGIN = '<!-- conformance -->';
const END = '<!-- /conformance -->';

const [resultsFile, mode] = process.argv.slice(2);
if (resultsFile === undefined) throw new Error('Which results? Run: pnpm conformance');
const rows = JSON.parse(readFileSync(new URL('rows.json', import.meta.url), 'utf8')) as Row[];
const states = statesOf(JSON.parse(readFileSync(resultsFile, 'utf8')) as Results);
const table = tableOf();
process.exitCode = report();

/** The state of each row that has a test. */
function statesOf(results: Results): ReadonlyMap<string, State> {
  const found = new Map<string, State>();
  for (const test of results.testResults.flatMap((file) => file.assertionResults)) {
    const { title, ancestorTitles, status } = test;
    for (const id of [title, ...ancestorTitles].flatMap(idsOf)) {
      if (status !== 'passed') found.set(id, 'failed');
      else if (!found.has(id)) found.set(id, DEVIATIONS[id] === undefined ? 'held' : 'deviates');
    }
  }
  return found;
}

/** `SIG-01 …`, or several: `SIG-04 SIG-05 …`, `SIG-04, SIG-05: …`. */
function idsOf(title: string): readonly string[] {
  const [ids = ''] = /^([A-Z]+-\d+[\s,:]*(and\s+)?)+/.exec(title) ?? [];
  return ids.match(/[A-Z]+-\d+/g) ?? [];
}

function stateOf(id: string): State {
  return states.get(id) ?? 'not built';
}

/** What must hold: MUST and SHOULD, but of other systems MUST alone so far. */
function isOwed({ id, rank }: Row): boolean {
  return rank === 'MUST' || (rank === 'SHOULD' && !id.startsWith('NODE-'));
}

function tableOf(): string {
  const lines = [
    '| Section | Rows | Held | Deviating | Not built |',
    '| --- | --: | --: | --: | --: |',
  ];
  const asked = rows.filter(isOwed);
  for (const [section, title] of Object.entries(SECTIONS)) {
    const its = rows.filter(({ id }) => id.startsWith(`${section}-`));
    lines.push(line(`${title} (${section})`, its));
  }
  lines.push(line('**All**', rows), line('of these, those that must hold', asked));
  return lines.join('\n');
}

function line(title: string, its: readonly Row[]): string {
  const count = (state: State): number => its.filter(({ id }) => stateOf(id) === state).length;
  return `| ${title} | ${its.length} | ${count('held')} | ${count('deviates')} | ${count('not built') + count('failed')} |`;
}

/** Prints, writes or compares; the exit code. */
function report(): number {
  const readme = readFileSync(README, 'utf8');
  const start = readme.indexOf(BEGIN) + BEGIN.length;
  const end = readme.indexOf(END);
  if (mode === '--write') {
    writeFileSync(README, `${readme.slice(0, start)}\n${table}\n${readme.slice(end)}`);
    return 0;
  }
  console.log(table);
  console.log('\nDeviating, each by decision:');
  for (const [id, reason] of Object.entries(DEVIATIONS)) console.log(`  ${id}  ${reason}`);
  const missing = rows.filter(({ id }) => ['not built', 'failed'].includes(stateOf(id)));
  if (missing.length > 0) console.log('\nNot built or failed:');
  for (const { id, rank, rule } of missing)
    console.log(`  ${id}  ${rank}  ${stateOf(id)}  ${rule}`);
  const owed = missing.filter(isOwed).length;
  if (owed > 0) console.log(`\n${owed} of the rows that are not held must be`);
  if (mode !== '--check') return owed === 0 ? 0 : 1;
  if (readme.slice(start, end).trim() === table.trim()) return owed === 0 ? 0 : 1;
  console.log('\nThe table in the README is not this one: run pnpm conformance --write');
  return 1;
}
