/**
 * How modules are loaded: sources of packages from their bundles, and other TypeScript (programs of tests, examples)
 * file by file, transformed once and kept under what it was transformed from.
 */

import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BUNDLES = /** @type {string} */ (process.env['BEAMISH_BUNDLES']);
/** @type {{ readonly [source: string]: string }} */
const entries = JSON.parse(readFileSync(`${BUNDLES}/entries.json`, 'utf8'));
const KEPT = fileURLToPath(
  new URL('../../../node_modules/.cache/beamish/transformed/', import.meta.url),
);
const SOURCES = new URL('../../../packages/', import.meta.url).href;
const { version } = JSON.parse(
  readFileSync(new URL('../../../node_modules/esbuild/package.json', import.meta.url), 'utf8'),
);

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  const bundle = entries[url];
  if (bundle !== undefined) return moduleOf(`export * from ${JSON.stringify(bundle)};`);
  if (!url.startsWith('file:') || !/\.m?ts$/.test(url)) return next(url, context);
  if (url.startsWith(SOURCES) && url.includes('/src/')) {
    throw new Error(
      `Cannot load ${url}: name it in test/support/loader/bundles.ts, lest it be there twice`,
    );
  }
  return moduleOf(await transformed(url));
}

/** @param {string} source */
function moduleOf(source) {
  return { format: 'module', shortCircuit: true, source };
}

/** @param {string} url */
async function transformed(url) {
  const source = readFileSync(fileURLToPath(url), 'utf8');
  const key = createHash('sha256').update(`${process.version}\n${version}\n${url}\n${source}`);
  const kept = `${KEPT}${key.digest('hex')}.js`;
  if (existsSync(kept)) return readFileSync(kept, 'utf8');
  const { transform } = await import('esbuild');
  const { code } = await transform(source, {
    loader: 'ts',
    format: 'esm',
    target: `node${process.versions.node}`,
    keepNames: true,
    sourcefile: url,
    sourcemap: 'inline',
    sourcesContent: false,
  });
  mkdirSync(KEPT, { recursive: true });
  // Whole or not at all, as others may be looking for it.
  const part = `${kept}.${randomUUID()}`;
  writeFileSync(part, code);
  renameSync(part, kept);
  return code;
}
