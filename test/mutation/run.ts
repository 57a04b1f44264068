/**
 * Breaks a package in one way after the other, in a copy of its sources, and runs its tests against each:
 * a test must fail. A mutant that does not compile, or that no test can load, proves nothing, and fails.
 * `noticed.json` says which file of tests has noticed each of them last, and so is tried first; the run keeps it.
 *
 *     npm run mutate [-- [WORDS OF A NAME…]]
 *     npm run mutate -- --some N [--seed N]      some of them, by chance; by the day if no seed is given
 */

import { parseArgs } from 'node:util';
import { generator } from 'beamish/testing';
import { Mutant } from './mutant.ts';
import { type Mutation, type Suspect, suspects } from './mutation.ts';
import { Noticed } from './noticed.ts';

const { values, positionals } = parseArgs({
  // pnpm hands on the two dashes that npm needs.
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  allowPositionals: true,
  options: { some: { type: 'string' }, seed: { type: 'string', default: today() } },
});

const noticed = new Noticed();
let survivors = 0;
let all = 0;
for (const suspect of chosen(await suspects())) {
  if (suspect.mutations.length === 0) continue;
  const mutant = new Mutant(suspect);
  try {
    await mutant.mustPassUnbroken();
    for (const mutation of suspect.mutations) {
      const { isCaught, how, file } = await mutant.verdict(mutation, noticed.by(mutation));
      if (file !== undefined) noticed.set(mutation, file);
      console.log(`${isCaught ? 'caught  ' : 'SURVIVED'}  ${mutation.name}: ${how}`);
      all++;
      if (!isCaught) survivors++;
    }
  } finally {
    mutant.remove();
  }
}
console.log(`\n${all - survivors} of ${all} caught`);
process.exitCode = survivors === 0 && all > 0 ? 0 : 1;

/** Those whose names have the words, or some of them. */
function chosen(from: readonly Suspect[]): Suspect[] {
  const words = positionals.join(' ');
  let meant = new Set(
    from.flatMap(({ mutations }) => mutations.filter(({ name }) => name.includes(words))),
  );
  if (values.some !== undefined) {
    console.log(
      `${values.some} of ${meant.size}: npm run mutate -- --some ${values.some} --seed ${values.seed}`,
    );
    meant = new Set(some([...meant], Number(values.some), Number(values.seed)));
  }
  return from.map((its) => ({
    ...its,
    mutations: its.mutations.filter((each) => meant.has(each)),
  }));
}

function some(from: Mutation[], count: number, seed: number): Mutation[] {
  const random = generator(seed);
  const left = [...from];
  const taken: Mutation[] = [];
  while (taken.length < count && left.length > 0)
    taken.push(...left.splice(Math.floor(random() * left.length), 1));
  return taken;
}

/** As a number: 20261128. */
function today(): string {
  return new Date().toISOString().slice(0, 10).replaceAll('-', '');
}
