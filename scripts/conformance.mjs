/** Runs the conformance tests, and sums them up: `pnpm conformance [--write]`. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Where the configuration of vitest puts them. */
const RESULTS = 'node_modules/.cache/beamish/tests.json';

/** @param {string} name */
const bin = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));
/** @type {(command: string, args: readonly string[]) => number} */
const run = (command, args) =>
  spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1;

run(bin('vitest'), ['run', 'test/conformance']);
process.exitCode = run(process.execPath, [
  '--import',
  'tsx',
  'test/conformance/summary.ts',
  RESULTS,
  ...process.argv.slice(2),
]);
