/**
 * Builds every package to its dist folder, afresh: a file whose source is gone must not be published.
 * tsc checks and writes the declarations. It does not write the JavaScript, since each thread loads all
 * of it: with a file per module a thread took 3.3 times as long to start as a bare worker, with bundles
 * and the dependencies left out of them 1.75 times, with all in them 1.4 (`test/bench/thread-start.ts`).
 */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const packages = join(root, 'packages');
for (const name of readdirSync(packages)) {
  rmSync(join(packages, name, 'dist'), { recursive: true, force: true });
}
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [tsc, '-b', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
if (status === 0) {
  await bundle('beamish', ['index', 'transport'], {
    // Both entries share one runtime. Its name is known to error-trace.ts.
    splitting: true,
    chunkNames: 'runtime',
    // The nanoid for browsers has the Web Crypto of any host, the other one imports node:crypto.
    conditions: ['browser'],
  });
  // A thread's worker has the runtime of the modules that it loads, so that stays outside.
  await bundle('threads', ['index', 'worker'], { platform: 'node', packages: 'external' });
}

/**
 * @param {string} name
 * @param {string[]} entries
 * @param {import('esbuild').BuildOptions} options
 */
async function bundle(name, entries, options) {
  const folder = join(packages, name);
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: entries.map((entry) => `src/${entry}.ts`),
    outdir: 'dist',
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    sourcemap: true,
    logLevel: 'warning',
    ...options,
    metafile: true,
  });
  const licenses = bundled(Object.keys(metafile.inputs)).map(
    (dependency) =>
      `${dependency}\n\n${readFileSync(join(folder, 'node_modules', dependency, 'LICENSE'), 'utf8')}`,
  );
  if (licenses.length > 0) writeFileSync(join(folder, 'dist', 'LICENSES'), licenses.join('\n\n'));
}

/**
 * The dependencies whose files these are.
 *
 * @param {string[]} inputs
 */
function bundled(inputs) {
  const names = inputs.map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
