/** The packages of this workspace, for scripts that do something with each of them. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * @typedef {{ readonly [key: string]: string }} Target of an entry, by condition
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {string} description
 * @property {{ readonly [entry: string]: Target }} exports
 * @property {readonly string[]} files
 * @property {object} [publishConfig]
 * @property {boolean | readonly string[]} [sideEffects]
 * @property {{ readonly [name: string]: string }} [dependencies]
 * @property {{ readonly [name: string]: string }} [peerDependencies]
 *
 * @typedef {object} Package
 * @property {string} name as it is imported
 * @property {string} folder its absolute path
 * @property {string} short the name of its folder
 * @property {Manifest} manifest
 */

/** @returns {Package[]} all that are published, `beamish` first */
export function packages() {
  const folders = readdirSync(join(ROOT, 'packages'))
    .map((short) => ({ short, folder: join(ROOT, 'packages', short) }))
    .filter(({ folder }) => existsSync(join(folder, 'package.json')));
  const found = folders.map((its) => {
    const manifest = JSON.parse(readFileSync(join(its.folder, 'package.json'), 'utf8'));
    return { ...its, name: manifest.name, manifest };
  });
  /** @param {Package} its */
  const rank = ({ name }) => (name === 'beamish' ? '' : name);
  return found.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/**
 * The modules that can be imported of a package: `{ entry: './transport', source: 'src/transport.ts' }`.
 *
 * @param {Package} its
 * @returns {{ readonly entry: string, readonly source: string }[]}
 */
export function entriesOf({ name, manifest }) {
  return Object.entries(manifest.exports).map(([entry, target]) => {
    const source = target['beamish-source'];
    if (source === undefined) throw new Error(`${name}: "${entry}" has no "beamish-source"`);
    return { entry, source: source.replace(/^\.\//, '') };
  });
}
