/**
 * The simulator: what runs and steps cost.
 *
 *     node --conditions=beamish-source --import tsx test/bench/sim.ts [ROUNDS] [--check] [WORDS OF A ROW…]
 *
 * The sources are bundled first: what makes them run as they are names each function, which takes a run twice its time.
 * With `--check`, a target that is missed is an error.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = mkdtempSync(join(tmpdir(), 'beamish-bench-sim-'));
try {
  const program = join(folder, 'program.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./sim/program.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['beamish-source'],
    outfile: program,
    logLevel: 'error',
  });
  const args = ['--expose-gc', program, ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
