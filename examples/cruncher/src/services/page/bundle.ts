// Makes the page's files of their sources: one script, one style, one text. In memory, and each time that the page
// is opened, so that what is shown is what is there.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Asset } from './server.ts';

const SOURCES = new URL('../../../page/', import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  svg: 'image/svg+xml',
};

/** What the crunchers use of Node. */
const NODES = ['buffer', 'path', 'tty'];

const at = (file: string): string => fileURLToPath(new URL(file, SOURCES));

/** By path. `isAlone`: there is no server behind them, and the page does all by itself. */
export async function pageAssets(isAlone: boolean): Promise<ReadonlyMap<string, Asset>> {
  const { outputFiles } = await build({
    entryPoints: [at('page.ts'), at('page.css'), at('bodies.ts'), at('browser-worker.ts')],
    outdir: '/',
    bundle: true,
    // They share what several need: a worker and the bodies that it runs are of one runtime.
    splitting: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['beamish-source'],
    define: { SERVED: String(!isAlone) },
    alias: {
      ...Object.fromEntries(NODES.map((each) => [`node:${each}`, at('node-there.ts')])),
      '@beamish/journal': at('no-journal.ts'),
    },
    inject: [at('buffer-there.ts')],
    logLevel: 'silent',
  });
  const assets = new Map<string, Asset>();
  for (const { path, contents } of outputFiles)
    assets.set(`/${path.slice(path.lastIndexOf('/') + 1)}`, { type: typeOf(path), body: contents });
  for (const file of ['index.html', 'icon.svg']) {
    const body = await readFile(new URL(file, SOURCES), 'utf8');
    assets.set(file === 'index.html' ? '/' : `/${file}`, { type: typeOf(file), body });
  }
  return assets;
}

function typeOf(path: string): string {
  return TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
}
