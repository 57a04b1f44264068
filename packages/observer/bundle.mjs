/** What is published besides the modules: the page, built into three files. */

import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildPage } from './page/build.mjs';

const out = fileURLToPath(new URL('dist/page/', import.meta.url));
await mkdir(out, { recursive: true });
for (const [name, body] of await buildPage()) await writeFile(`${out}${name}`, body);

export default {
  // What is set up in each thread, and the command.
  alsoEntries: ['src/thread-station.ts', 'src/cli.ts'],
};
