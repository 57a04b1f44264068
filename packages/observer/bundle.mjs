/**
 * What is published besides the modules: the page, built into three files. And of the modules each entry apart:
 * one of them is the command, another observes whatever the program makes, as soon as it is loaded.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildPage } from './page/build.mjs';

const out = fileURLToPath(new URL('dist/page/', import.meta.url));
await mkdir(out, { recursive: true });
for (const [name, body] of await buildPage()) await writeFile(`${out}${name}`, body);

export default {
  alsoEntries: ['src/cli.ts', 'src/thread-station.ts'],
  apart: ['src/auto.ts', 'src/otel.ts', 'src/cli.ts', 'src/thread-station.ts'],
};
