/**
 * How much of beamish, as it is built, a page has to load: minified, bundled and compressed by brotli. The
 * exit code is 1 if that is more than it may be.
 */

import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { ROOT } from './workspace.mjs';

const KB = 1000;
const BUDGETS = [
  { what: 'all exports of beamish', code: "export * from 'beamish';", most: 42.6 * KB },
  {
    what: 'a system with a supervisor and its children',
    code: "export { ActorSystem, child, supervisor } from 'beamish';",
    most: 33.6 * KB,
  },
  { what: 'ActorSystem alone', code: "export { ActorSystem } from 'beamish';", most: 26.9 * KB },
];

for (const { what, code, most } of BUDGETS) {
  const size = await sizeOf(code);
  const verdict =
    size > most ? `more than the ${most / KB} kB that it may be` : `of ${most / KB} kB`;
  console.log(`${what}: ${(size / KB).toFixed(1)} kB, ${verdict}`);
  if (size > most) process.exitCode = 1;
}

/** @param {string} code */
async function sizeOf(code) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: ROOT },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    write: false,
  });
  return brotliCompressSync(outputFiles[0]?.contents ?? '').length;
}
