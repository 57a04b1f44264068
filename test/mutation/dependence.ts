/**
 * Leaves out each rule of dependence of the simulator, one at a time, and searches programs of chance, and then
 * scenarios that are directed at some rule, until reduction misses an outcome that naive search finds:
 *
 *     npm run mutate:sim [-- [--programs N] [WORDS OF A RULE…]]
 *
 * A rule that neither notices is an error.
 */

import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { explore } from '@beamish/sim';
import { type Case, caseOf, type Explore, outcomesOf, type Way } from '../sim/support/comparing.ts';
import { DIRECTED, type Directed } from '../sim/support/directed.ts';
import { noting } from '../sim/support/outcomes.ts';
import type { Mutation } from './mutation.ts';
import { mutations } from './mutations/sim.ts';

const PACKAGE = fileURLToPath(new URL('../../packages/sim/', import.meta.url));
/** Programs with more interleavings are passed over. */
const MOST_RUNS = 400;
const WAYS = ['order_of_arrival', 'order_taken'] as const;

const { values, positionals } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  allowPositionals: true,
  options: { programs: { type: 'string', default: '2000' } },
});

const PROGRAMS = Number(values.programs);
const words = new RegExp(positionals.join(' '));
const naive = new Map<number, ReadonlySet<string> | undefined>();
const allOfDirected = new Map<Directed, ReadonlySet<string>>();
let errors = 0;
try {
  for (const [n, mutation] of mutations.entries()) {
    if (!words.test(mutation.name)) continue;
    const its = await broken(mutation, n);
    const found = (await noticedByChance(its)) ?? (await noticedByDirected(its));
    if (found === undefined) errors++;
    console.log(`${found ?? 'NOT NOTICED'}  ${mutation.name}`);
  }
} finally {
  rmSync(`${PACKAGE}mutant`, { recursive: true, force: true });
}
console.log(`\n${errors} of ${mutations.length} not noticed`);
process.exitCode = errors === 0 ? 0 : 1;

/** `explore` of a broken copy, beside the sources, so that it finds their dependencies. */
async function broken({ name, file, from, to }: Mutation, n: number): Promise<Explore> {
  const copy = `${PACKAGE}mutant/${n}`;
  cpSync(`${PACKAGE}src`, copy, { recursive: true });
  const source = readFileSync(`${copy}/${file}`, 'utf8');
  if (source.split(from).length !== 2)
    throw new Error(`Cannot leave out "${name}": its text does not stand in ${file} exactly once`);
  writeFileSync(
    `${copy}/${file}`,
    source.replace(from, () => to),
  );
  const its = (await import(`${copy}/index.ts`)) as { readonly explore: Explore };
  return its.explore;
}

async function noticedByChance(its: Explore): Promise<string | undefined> {
  for (let n = 0; n < PROGRAMS; n++) {
    const program = caseOf(n);
    const all = await allOf(program, n);
    if (all === undefined) continue;
    for (const way of WAYS) {
      const { seen } = await outcomesOf(its, program, way, MOST_RUNS);
      const isSame = seen.size === all.size && [...seen].every((outcome) => all.has(outcome));
      if (isSame) continue;
      const { family, seed, speed } = program;
      return `${n + 1}: ${family} ${seed}, ${speed}, ${way}`;
    }
  }
  return undefined;
}

/** What naive search finds; undefined if that is too much. */
async function allOf(program: Case, n: number): Promise<ReadonlySet<string> | undefined> {
  if (!naive.has(n)) {
    const { seen, exploration } = await outcomesOf(explore, program, 'interleaving', MOST_RUNS);
    naive.set(n, exploration.complete ? seen : undefined);
  }
  return naive.get(n);
}

async function noticedByDirected(its: Explore): Promise<string | undefined> {
  for (const directed of DIRECTED) {
    const all = allOfDirected.get(directed) ?? (await comesTo(explore, directed, 'interleaving'));
    allOfDirected.set(directed, all);
    for (const way of WAYS) {
      const seen = await comesTo(its, directed, way);
      if (seen.size !== all.size) return `directed: ${directed.rule}, ${way}`;
    }
  }
  return undefined;
}

async function comesTo(
  its: Explore,
  { make, options }: Directed,
  every: Way,
): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  await its(noting(make, seen), {
    ...options,
    strategy: { every },
    budget: { runs: 20_000 },
    mayCrash: ['*'],
    failures: 'all',
    shrinkRuns: 0,
    compareEvery: 0,
  });
  return seen;
}
