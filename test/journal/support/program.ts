/** Programs of the tests as plain JavaScript, so that Node starts them at once, for whatever user. */

import { type ChildProcess, fork } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll } from 'vitest';

const folder = fs.mkdtempSync(join(tmpdir(), 'journal-programs-'));
fs.chmodSync(folder, 0o755);
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Broken sources to test instead, by the mutation tests. */
const MUTANT = fileURLToPath(new URL('../../../packages/journal/mutant/index.ts', import.meta.url));

/** The path of `programs/NAME.ts`, built. */
export function built(name: string): string {
  const outfile = join(folder, `${name}.mjs`);
  if (!fs.existsSync(outfile)) {
    buildSync({
      entryPoints: [fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url))],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: ['beamish-source'],
      ...(process.env['BEAMISH_MUTANT'] === 'journal'
        ? { alias: { '@beamish/journal': MUTANT } }
        : {}),
      logLevel: 'warning',
    });
  }
  return outfile;
}

/** Plain, whatever this process was started with. */
export function started(name: string, ...args: readonly string[]): ChildProcess {
  return fork(built(name), args, { execArgv: [], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
}

export async function exitOf(child: ChildProcess): Promise<number | string | null> {
  return await new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
}

export async function messageOf<T>(child: ChildProcess): Promise<T> {
  return await new Promise((resolve) => child.once('message', (message) => resolve(message as T)));
}
