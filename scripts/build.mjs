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
  const entries = ['index', 'transport', 'observation'];
  await bundle('beamish', entries, {
    // The entries share one runtime. Its name is known to error-trace.ts.
    splitting: true,
    chunkNames: 'runtime',
    plugins: [togetherIn(join(packages, 'beamish'), entries)],
    // The nanoid for browsers has the Web Crypto of any host, the other one imports node:crypto.
    conditions: ['browser'],
  });
  // A thread's worker has the runtime of the modules that it loads, so that stays outside.
  await bundle('threads', ['index', 'worker'], { platform: 'node', packages: 'external' });
}

/**
 * Lets each entry load the others as well, without exporting them: what they share is then all that there
 * is, in one file. Otherwise there would be one for each group of entries that share something.
 *
 * @param {string} folder
 * @param {string[]} entries
 * @returns {import('esbuild').Plugin}
 */
function togetherIn(folder, entries) {
  const paths = entries.map((entry) => join(folder, 'src', `${entry}.ts`));
  return {
    name: 'together',
    setup(building) {
      building.onResolve({ filter: /\.ts$/ }, ({ path, kind, resolveDir, namespace }) => {
        if (kind === 'entry-point') return { path: join(resolveDir, path), namespace: 'entry' };
        // Nothing is left out of what is imported for its own sake.
        return namespace === 'entry' ? { path, sideEffects: true } : undefined;
      });
      building.onLoad({ filter: /./, namespace: 'entry' }, ({ path }) => ({
        contents: [
          ...paths.map((other) => `import ${JSON.stringify(other)};`),
          `export * from ${JSON.stringify(path)};`,
        ].join('\n'),
        resolveDir: folder,
      }));
    },
  };
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
