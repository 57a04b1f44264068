/** Builds the page: one script, one style, and the document that names them. */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** @returns {Promise<Map<string, Buffer>>} the files by name */
export async function buildPage() {
  const { outputFiles } = await build({
    absWorkingDir: HERE,
    entryPoints: { app: 'main.ts', style: 'style.css' },
    outdir: 'out',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome111', 'firefox115', 'safari16.4'],
    logLevel: 'warning',
  });
  /** @param {string} end */
  const output = (end) => {
    const file = outputFiles.find(({ path }) => path.endsWith(end));
    if (file === undefined) throw new Error(`The page has no ${end}`);
    return Buffer.from(file.contents);
  };
  return new Map([
    ['index.html', await readFile(new URL('index.html', import.meta.url))],
    ['app.js', output('app.js')],
    ['app.css', output('style.css')],
  ]);
}
