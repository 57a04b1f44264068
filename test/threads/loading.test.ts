/** Threads find TypeScript bodies however the program was started; vitest itself runs the other tests. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('program.ts', import.meta.url));
const TSX = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));
const SOURCE = '--conditions=beamish-source';

test.each([
  ['tsx program.ts', [TSX, SOURCE, PROGRAM]],
  ['node --import tsx program.ts', [SOURCE, '--import', 'tsx', PROGRAM]],
])('%s runs actors in threads, and ends by itself', async (_, args) => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 25_000 });
  expect({ stdout, stderr }).toEqual({ stdout: '36 37 2\n', stderr: '' });
});
