/**
 * Builds every package to its dist folder, afresh: a file whose source is gone must not be published.
 * tsc checks and writes the declarations. It does not write the JavaScript, since each thread loads all
 * of it: with a file per module a thread took 3.3 times as long to start as a bare worker, with bundles
 * and the dependencies left out of them 1.75 times, with all in them 1.4 (`test/bench/thread-start.ts`).
 *
 * What a package exports are the entries of its bundle. What else there is to say of it is in its
 * `bundle.mjs`: options of esbuild, and `alsoEntries` for modules that nobody imports by name.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { entriesOf, packages, ROOT } from './workspace.mjs';

const all = packages();
for (const { folder } of all) rmSync(join(folder, 'dist'), { recursive: true, force: true });
const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(
  process.execPath,
  [tsc, '-b', ...all.map(({ folder }) => join(folder, 'tsconfig.json'))],
  { cwd: ROOT, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
if (status === 0) for (const its of all) await bundle(its);

/** @param {import('./workspace.mjs').Package} its */
async function bundle(its) {
  const { folder } = its;
  const { alsoEntries = [], ...options } = await optionsOf(folder);
  const entries = [...entriesOf(its).map(({ source }) => source), ...alsoEntries];
  const areTogether = options.splitting !== false && entries.length > 1;
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: entries,
    outbase: 'src',
    outdir: 'dist',
    bundle: true,
    // Entries share what several of them need, such as classes that are compared.
    splitting: true,
    chunkNames: 'shared',
    plugins: areTogether ? [togetherIn(folder, entries)] : [],
    format: 'esm',
    platform: 'node',
    packages: 'external',
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
 * Lets each entry load the others as well, without exporting them: what they share is then all that there
 * is, in one file. Otherwise there would be one for each group of entries that share something.
 *
 * @param {string} folder
 * @param {string[]} entries
 * @returns {import('esbuild').Plugin}
 */
function togetherIn(folder, entries) {
  const paths = entries.map((entry) => join(folder, entry));
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
 * @param {string} folder
 * @returns {Promise<import('esbuild').BuildOptions & { alsoEntries?: readonly string[] }>}
 */
async function optionsOf(folder) {
  const path = join(folder, 'bundle.mjs');
  return existsSync(path) ? (await import(pathToFileURL(path).href)).default : {};
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
