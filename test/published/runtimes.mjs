/** The runtimes that the packages are for, as npm has them. */

import { join } from 'node:path';
import { call, outcome, tool } from './consumer.mjs';

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {boolean} hasThreads whether `@beamish/threads` is for it
 * @property {() => string} binary its path
 * @property {readonly string[]} args before the program
 * @property {readonly string[]} tests before a file of tests
 */

const { platform, arch } = process;
const DENO = platform === 'linux' ? `linux-${cpu()}-glibc` : `${platform}-${cpu()}`;
const DENO_OPTIONS = ['--quiet', '--no-lock', '--node-modules-dir=manual'];
const BUN = arch === 'x64' ? `${platform}-x64-baseline` : `${platform}-aarch64`;

/** How many there are in `kit.ts`. */
const TESTS_OF_KIT = 3;

/** @type {readonly Runtime[]} */
export const RUNTIMES = [
  ...['20', '22', '24', '26'].map((version) => ({
    name: `node ${version}`,
    hasThreads: true,
    binary: () => {
      const name = `node-${platform}-${arch}`;
      return join(tool(`${name}@${version}`), name, 'bin', 'node');
    },
    args: [],
    tests: ['--test'],
  })),
  {
    name: 'deno',
    hasThreads: false,
    binary: () => join(tool(`@deno/${DENO}@2`), '@deno', DENO, 'deno'),
    args: ['run', ...DENO_OPTIONS],
    tests: ['test', ...DENO_OPTIONS],
  },
  {
    name: 'bun',
    hasThreads: false,
    binary: () => join(tool(`@oven/bun-${BUN}@1`), '@oven', `bun-${BUN}`, 'bin', 'bun'),
    args: ['run'],
    tests: ['test'],
  },
];

function cpu() {
  return arch === 'arm64' && platform === 'linux' ? 'arm64' : arch;
}

/**
 * What a program prints there, without the end of its last line.
 *
 * @param {Runtime} runtime
 * @param {string} folder
 * @param {string} program
 */
export function printedOn({ binary, args }, folder, program) {
  return call(binary(), [...args, join(folder, program)], folder).trimEnd();
}

/**
 * Nothing, if all tests of a file pass under its runner, and all of them were run. @throws Error otherwise
 *
 * @param {Runtime} runtime
 * @param {string} folder
 * @param {string} file
 */
export function testedOn({ binary, tests }, folder, file) {
  const { status, output } = outcome(binary(), [...tests, join(folder, file)], folder);
  const passed = /^(?:\S+ pass (\d+)|\s*(\d+) pass|ok \| (\d+) passed.*)$/m.exec(output);
  const count = passed?.slice(1).find((each) => each !== undefined);
  if (status !== 0 || count !== String(TESTS_OF_KIT)) throw new Error(`${passed?.[0]}\n${output}`);
}
