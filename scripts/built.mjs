/** Whether what was built is what would be built now: for who would rather run it than the sources. */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether a file is newer than all others that it was made of.
 *
 * @param {string} built
 * @param {readonly string[]} sources folders, and files
 */
export function isCurrent(built, sources) {
  const builtAt = statSync(built, { throwIfNoEntry: false })?.mtimeMs;
  return builtAt !== undefined && sources.every((source) => isOlder(source, builtAt));
}

/**
 * A folder's own time tells of what was taken out of it.
 *
 * @param {string} path
 * @param {number} than
 * @returns {boolean}
 */
function isOlder(path, than) {
  if (!existsSync(path)) return true;
  const info = statSync(path);
  if (info.mtimeMs >= than) return false;
  if (!info.isDirectory()) return true;
  return readdirSync(path).every((name) => isOlder(join(path, name), than));
}
