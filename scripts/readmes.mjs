/**
 * Writes the page of `beamish` on npm: the README of the repository, without what concerns the repository
 * alone, and with links that lead there. `--check` only says whether it is up to date.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './workspace.mjs';

const FROM = join(ROOT, 'README.md');
const TO = join(ROOT, 'packages', 'beamish', 'README.md');
const REPOSITORY = /<!-- repository -->\n.*?<!-- \/repository -->\n/gs;
/** A link, or an image, within the repository. */
const RELATIVE = /\]\((?!https?:|#)([^)]+)\)/g;

const { homepage } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const page = readFileSync(FROM, 'utf8')
  .replace(REPOSITORY, '')
  .replace(RELATIVE, (_, path) => `](${homepage}/blob/main/${path})`);

if (!process.argv.includes('--check')) writeFileSync(TO, page);
else if (readFileSync(TO, 'utf8') !== page) {
  console.error('packages/beamish/README.md is not that of the repository: npm run docs');
  process.exitCode = 1;
}
