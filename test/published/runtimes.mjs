/** The runtimes that the packages are for, as npm has them. */

import { join } from 'node:path';
import { call, tool } from './consumer.mjs';

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {boolean} hasThreads whether `@beamish/threads` is for it
 * @property {() => string} binary its path
 * @property {readonly string[]} args before the program
 */

const { platform, arch } = process;
const DENO = platform === 'linux' ? `linux-${cpu()}-glibc` : `${platform}-${cpu()}`;
const BUN = arch === 'x64' ? `${platform}-x64-baseline` : `${platform}-aarch64`;

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
  })),
  {
    name: 'deno',
    hasThreads: false,
    binary: () => join(tool(`@deno/${DENO}@2`), '@deno', DENO, 'deno'),
    args: ['run', '--quiet', '--no-lock', '--node-modules-dir=manual'],
  },
  {
    name: 'bun',
    hasThreads: false,
    binary: () => join(tool(`@oven/bun-${BUN}@1`), '@oven', `bun-${BUN}`, 'bin', 'bun'),
    args: ['run'],
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
