/**
 * Builds every package to its dist folder, afresh: a file whose source is gone must not be published.
 * tsc checks and writes the declarations. It does not write the JavaScript, since each thread loads all
 * of it: with a file per module a thread took 3.3 times as long to start as a bare worker, with bundles
 * and the dependencies left out of them 1.75 times, with all in them 1.4 (`test/bench/thread-start.ts`).
 *
 * What a package exports are the entries of its bundle. What else there is to say of it is in its
 * `bundle.mjs`: options of esbuild, `alsoEntries` for modules that nobody imports by name, and `apart` for
 * entries that no other one loads, since they need a package that not everybody has.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { entriesOf, packages, ROOT } from './workspace.mjs';

/** What is not published of a bundle: see `inTwo`. */
const TWIN = 'twin';

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
if (status === 0) {
  writePage();
  writeCruncher();
}

/** The page of the cruncher as static files, in its dist. */
function writePage() {
  const write = join(ROOT, 'examples', 'cruncher', 'src', 'services', 'page', 'write.ts');
  const args = ['--conditions=beamish-source', '--import', 'tsx', write];
  const { status: written } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (written !== 0) process.exitCode = 1;
}

/** The cruncher beside its sources, file by file, on the packages as they are built: see `start.mjs`. */
function writeCruncher() {
  const cruncher = join(ROOT, 'examples', 'cruncher');
  rmSync(join(cruncher, 'built'), { recursive: true, force: true });
  const args = [tsc, '-p', join(cruncher, 'tsconfig.json')];
  const { status: written } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (written !== 0) process.exitCode = 1;
}

/** @param {import('./workspace.mjs').Package} its */
async function bundle(its) {
  const { folder } = its;
  const { alsoEntries = [], apart = [], plugins = [], ...options } = await optionsOf(folder);
  const entries = [...entriesOf(its).map(({ source }) => source), ...alsoEntries];
  const isSplit = options.splitting !== false && entries.length > 1;
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: (isSplit ? [...entries, TWIN] : entries).map((entry) => ({
      in: entry,
      out: entry.replace(/^src\/|\.ts$/g, ''),
    })),
    outdir: 'dist',
    bundle: true,
    // Entries share what several of them need, such as classes that are compared.
    splitting: true,
    chunkNames: 'shared-[hash]',
    plugins: [...(isSplit ? [inTwo(folder, entries, apart)] : []), ...plugins],
    format: 'esm',
    platform: 'node',
    packages: 'external',
    target: 'es2023',
    sourcemap: true,
    logLevel: 'warning',
    ...options,
    metafile: true,
  });
  checkPeers(its, entries, apart, metafile);
  if (isSplit) for (const end of ['.js', '.js.map']) rmSync(join(folder, 'dist', `${TWIN}${end}`));
  const licenses = bundled(Object.keys(metafile.inputs)).map(
    (dependency) =>
      `${dependency}\n\n${readFileSync(join(folder, 'node_modules', dependency, 'LICENSE'), 'utf8')}`,
  );
  if (licenses.length > 0) writeFileSync(join(folder, 'dist', 'LICENSES'), licenses.join('\n\n'));
}

/**
 * Makes few files of many modules, by what each entry loads besides what it exports. All that the entries
 * need but for the first becomes one file: each of them loads the others. What only the first one needs, the
 * package's main one, becomes another: it has a twin that is not published. So whoever imports of it what is
 * in the first file alone, and bundles it, is rid of the second, whatever effects that has when it is loaded.
 * Entries that stand apart take no part in it.
 *
 * @param {string} folder
 * @param {string[]} entries
 * @param {readonly string[]} apart
 * @returns {import('esbuild').Plugin}
 */
function inTwo(folder, [main = '', ...rest], apart) {
  const others = rest.filter((entry) => !apart.includes(entry));
  /** @param {string[]} modules */
  const loading = (modules) =>
    modules.map((each) => `import ${JSON.stringify(join(folder, each))};`).join('\n');
  return {
    name: 'in two',
    setup(building) {
      building.onResolve({ filter: /./ }, ({ path, kind, resolveDir, namespace }) => {
        if (path === TWIN) return { path: join(resolveDir, main), namespace: 'twin' };
        if (kind === 'entry-point')
          return apart.includes(normalize(path))
            ? undefined
            : { path: join(resolveDir, path), namespace: 'entry' };
        // Nothing is left out of what is imported for its own sake.
        return namespace === 'file' ? undefined : { path, sideEffects: true };
      });
      building.onLoad({ filter: /./, namespace: 'entry' }, ({ path }) => ({
        contents: `${path.endsWith(main) ? '' : loading(others)}\nexport * from ${JSON.stringify(path)};`,
        resolveDir: folder,
      }));
      building.onLoad({ filter: /./, namespace: 'twin' }, () => ({
        contents: loading([main]),
        resolveDir: folder,
      }));
    },
  };
}

/**
 * Who has installed a package without what it can do without can import all of its entries but those apart.
 *
 * @param {import('./workspace.mjs').Package} its
 * @param {readonly string[]} entries
 * @param {readonly string[]} apart
 * @param {import('esbuild').Metafile} metafile
 */
function checkPeers({ folder, name }, entries, apart, { outputs }) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const optional = Object.keys(manifest.peerDependenciesMeta ?? {});
  for (const entry of entries.filter((each) => !apart.includes(each))) {
    const file = `dist/${entry.replace(/^src\/|\.ts$/g, '')}.js`;
    const needed = optional.filter((peer) => importsOf(file, outputs).has(peer));
    if (needed.length > 0)
      throw new Error(
        `Cannot publish ${name}: ${entry} loads ${needed.join(' and ')}, which not everybody has; put it apart in bundle.mjs`,
      );
  }
}

/**
 * All that is loaded with a file, but for what it imports later.
 *
 * @param {string} file
 * @param {import('esbuild').Metafile['outputs']} outputs
 * @param {Set<string>} [seen]
 */
function importsOf(file, outputs, seen = new Set()) {
  for (const { path, kind } of outputs[file]?.imports ?? []) {
    if (kind !== 'import-statement' || seen.has(path)) continue;
    seen.add(path);
    importsOf(path, outputs, seen);
  }
  return seen;
}

/**
 * @param {string} folder
 * @returns {Promise<import('esbuild').BuildOptions & { alsoEntries?: readonly string[], apart?: readonly string[] }>}
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
