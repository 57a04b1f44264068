/**
 * What every package's package.json says alike: where it comes from, what of it is published, and how.
 * `--write` puts it there; otherwise the exit code is 1 if it is not, with what to do.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packages, ROOT } from './workspace.mjs';

const { repository, homepage, engines, license } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);

/** What is each package's own, and stands at the head. */
const FIRST = ['name', 'version', 'description', 'keywords'];
/** What is the same of all. */
const SAME = ['license', 'homepage', 'repository', 'bugs', 'type', 'sideEffects', 'engines'];

/** @type {string[]} */
const faults = [];
for (const its of packages()) {
  const path = join(its.folder, 'package.json');
  const text = readFileSync(path, 'utf8');
  const wanted = `${JSON.stringify(completed(its), null, 2)}\n`;
  if (text !== wanted) {
    if (process.argv.includes('--write')) writeFileSync(path, wanted);
    else faults.push(`${its.name}: its package.json is not complete: npm run manifests -- --write`);
  }
  for (const file of ['README.md', 'LICENSE'])
    if (!existsSync(join(its.folder, file))) faults.push(`${its.name}: there is no ${file}`);
  faults.push(...peerFaults(its));
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;

/** @param {import('./workspace.mjs').Package} its */
function completed({ short, manifest }) {
  const directory = `packages/${short}`;
  const { publishConfig: _, ...rest } = manifest;
  const before = beforeExports(rest);
  return {
    ...before,
    license,
    homepage: `${homepage}/tree/main/${directory}#readme`,
    repository: { ...repository, directory },
    bugs: `${homepage}/issues`,
    type: 'module',
    // A bundler may leave out what is not used.
    sideEffects: rest.sideEffects ?? false,
    engines,
    files: rest.files,
    exports: rest.exports,
    publishConfig: { access: 'public', provenance: true, exports: published(rest.exports) },
    ...afterExports(rest),
  };
}

/** @param {Record<string, unknown>} manifest */
function beforeExports(manifest) {
  return Object.fromEntries(FIRST.map((field) => [field, manifest[field]]));
}

/** @param {Record<string, unknown>} manifest */
function afterExports(manifest) {
  const before = new Set([...FIRST, ...SAME, 'files', 'exports']);
  return Object.fromEntries(Object.entries(manifest).filter(([field]) => !before.has(field)));
}

/**
 * Sources are not published.
 *
 * @param {import('./workspace.mjs').Manifest['exports']} exports
 */
function published(exports) {
  return Object.fromEntries(
    Object.entries(exports).map(([entry, { 'beamish-source': _, ...target }]) => [entry, target]),
  );
}

/**
 * Two copies of `beamish`, or of what stands on it, know nothing of each other's actors.
 *
 * @param {import('./workspace.mjs').Package} its
 */
function peerFaults({ name, manifest }) {
  const { dependencies = {}, peerDependencies = {} } = manifest;
  const ours = packages();
  return [
    ...ours
      .filter((each) => each.name in dependencies && isOneOfAKind(each))
      .map((each) => `${name}: make ${each.name} a peer dependency, and a devDependency`),
    ...ours
      .filter((each) => (peerDependencies[each.name] ?? 'workspace:^') !== 'workspace:^')
      .map((each) => `${name}: its peer ${each.name} has to be "workspace:^"`),
  ];
}

/** @param {import('./workspace.mjs').Package} its */
function isOneOfAKind({ name, manifest }) {
  return name === 'beamish' || 'beamish' in (manifest.peerDependencies ?? {});
}
