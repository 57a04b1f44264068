/**
 * Breaks the runtime in one way after the other, in a copy of its sources, and runs the conformance and
 * property tests against each: all must fail. `pnpm mutate [words of a name…]`
 */

import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MUTATIONS, type Mutation } from './mutations.ts';

const ROOT = new URL('../../', import.meta.url);
const SOURCES = new URL('packages/beamish/src/', ROOT);
/** Beside the sources, so that it finds the package's dependencies. */
const MUTANT = new URL('packages/beamish/.mutant/', ROOT);

const words = process.argv.slice(2).join(' ');
const mutations = MUTATIONS.filter(({ name }) => name.includes(words));
const survivors: string[] = [];
try {
  copySources();
  if (!testsFail()) console.log('The tests pass on the unbroken runtime');
  else throw new Error('The tests fail on the unbroken runtime: mend that first');
  for (const mutation of mutations) {
    const caught = isCaught(mutation);
    if (!caught) survivors.push(mutation.name);
    console.log(`${caught ? 'caught  ' : 'SURVIVED'}  ${mutation.name}`);
  }
} finally {
  rmSync(MUTANT, { recursive: true, force: true });
}
console.log(`\n${mutations.length - survivors.length} of ${mutations.length} caught`);
process.exitCode = survivors.length === 0 ? 0 : 1;

function isCaught({ name, file, from, to }: Mutation): boolean {
  copySources();
  const path = new URL(file, MUTANT);
  const source = readFileSync(path, 'utf8');
  if (source.split(from).length !== 2) {
    throw new Error(`Cannot break "${name}": its text does not stand in ${file} exactly once`);
  }
  // A function: in a string, $ would mean something.
  writeFileSync(
    path,
    source.replace(from, () => to),
  );
  return testsFail();
}

function testsFail(): boolean {
  const vitest = fileURLToPath(new URL('node_modules/.bin/vitest', ROOT));
  const args = ['run', '--bail=1', 'test/conformance', 'test/properties'];
  const { status } = spawnSync(vitest, args, {
    cwd: fileURLToPath(ROOT),
    stdio: 'ignore',
    // A mutant may loop for ever, which is a way of being caught.
    timeout: 300_000,
    env: { ...process.env, BEAMISH_SOURCES: fileURLToPath(MUTANT) },
  });
  return status !== 0;
}

function copySources(): void {
  rmSync(MUTANT, { recursive: true, force: true });
  cpSync(SOURCES, MUTANT, { recursive: true });
}
