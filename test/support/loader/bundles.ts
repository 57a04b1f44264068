/**
 * Bundles the sources of the packages anew at each start of the tests, for the threads and programs that tests
 * start: they load a few files instead of two hundred, and no tsx. Vitest's own processes load the sources.
 *
 * All packages are bundled at once, so each module is in one file alone, whatever is imported of them. Each still
 * takes itself for its source (`import.meta.url`), and stacks name that.
 */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { TestProject } from 'vitest/node';
import { entriesOf, packages, ROOT } from '../../../scripts/workspace.mjs';

/** Sources that are loaded by their path besides those that can be imported by name; the loader refuses others. */
const ALSO = [
  'packages/journal/src/crc32.ts',
  'packages/journal/src/group.ts',
  'packages/journal/src/host-disk.ts',
  'packages/observer/src/cli.ts',
  'packages/observer/src/thread-station.ts',
  'packages/tasks/src/in-thread.ts',
  'packages/threads/src/worker.ts',
];
const DAY_MS = 24 * 60 * 60 * 1000;
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/beamish/', import.meta.url));

/** Called by vitest before the first test; what it returns, after the last one. */
export default async function setup(project: TestProject): Promise<() => void> {
  mkdirSync(CACHE, { recursive: true });
  forgetOld();
  const folder = mkdtempSync(`${CACHE}bundles-`);
  await bundle(folder);
  project.onTestsRerun(() => bundle(folder));
  // Whoever is started by a test finds it here: see register.mjs.
  process.env['BEAMISH_BUNDLES'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** Of runs that were killed. */
function forgetOld(): void {
  for (const name of readdirSync(CACHE).filter((each) => each.startsWith('bundles-'))) {
    const madeAt = statSync(`${CACHE}${name}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - madeAt > DAY_MS) rmSync(`${CACHE}${name}`, { recursive: true, force: true });
  }
}

/** Writes the bundles, and `entries.json`: what is to be loaded instead of which source. */
async function bundle(folder: string): Promise<void> {
  const named = packages().flatMap((its) =>
    entriesOf(its).map(({ source }) => `packages/${its.short}/${source}`),
  );
  const sources = [...new Set([...named, ...ALSO])];
  await build({
    absWorkingDir: ROOT,
    entryPoints: sources.map((source) => ({ in: source, out: outOf(source) })),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    conditions: ['beamish-source'],
    // As Node takes what is not a module.
    mainFields: ['main'],
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    plugins: [dependenciesOutside, sourcesAsTheyAre],
  });
  const entries = sources.map((source) => [
    pathToFileURL(`${ROOT}${source}`).href,
    pathToFileURL(`${folder}/${outOf(source)}.js`).href,
  ]);
  writeFileSync(`${folder}/entries.json`, JSON.stringify(Object.fromEntries(entries)));
}

function outOf(source: string): string {
  return source.replace(/^packages\/|\.ts$/g, '').replace('/src/', '-');
}

/** They are loaded from where the package that imports them has them, which is not beside the bundles. */
const dependenciesOutside: Plugin = {
  name: 'dependencies outside',
  setup(building) {
    building.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'ours' || from.kind === 'entry-point') return undefined;
      if (/^(node:|beamish(\/|$)|@beamish\/)/.test(path)) return undefined;
      const found = await building.resolve(path, { ...from, pluginData: 'ours' });
      // One that is optional, and not installed.
      if (found.errors.length > 0) return { path, external: true };
      if (found.external) return { path: found.path, external: true };
      return { path: pathToFileURL(found.path).href, external: true };
    });
  },
};

const sourcesAsTheyAre: Plugin = {
  name: 'sources as they are',
  setup(building) {
    building.onLoad({ filter: /\/packages\/[^/]+\/src\/.*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const url = JSON.stringify(pathToFileURL(path).href);
      return { contents: text.replaceAll('import.meta.url', url), loader: 'ts' };
    });
  },
};
