// Writes the page as static files, which do all by themselves, from any web server: `npm run build`.

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { pageAssets } from './bundle.ts';

/** Where they are written to, unless it is said otherwise. */
const FOLDER = new URL('../../../dist/', import.meta.url);

const folder = process.argv[2] ?? fileURLToPath(FOLDER);
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
for (const [path, { body }] of await pageAssets(true))
  await writeFile(`${folder}/${path === '/' ? 'index.html' : path.slice(1)}`, body);
