/** What is Node's is in the host's disk alone, which is loaded when nobody brings another one. */

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const SOURCES = new URL('../../packages/journal/src/', import.meta.url);

test.each(['index.ts', 'testing.ts'])('%s can be loaded where there is no Node', async (entry) => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, SOURCES))],
    bundle: true,
    write: false,
    format: 'esm',
    // Would not find what is Node's.
    platform: 'browser',
    external: ['./host-disk.ts'],
  });
  expect(outputFiles.map(({ text }) => /from ?"/.test(text))).toEqual([false]);
});
