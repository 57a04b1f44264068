/**
 * Installs what is missing, with the pnpm that package.json pins, and nothing else: when all is there
 * it returns in milliseconds and prints nothing. Standard output and input belong to the program that
 * runs next, so nothing here writes to the one or reads the other.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'node_modules', '.beamish-installed');
/** The folders of pnpm-workspace.yaml. */
const WORKSPACE = ['packages', 'examples', 'tools'];

requireNode(20, 19);
const members = WORKSPACE.flatMap(membersOf);
const wanted = fingerprint();
if (!isInstalled()) install();

/** @param {number} major @param {number} minor */
function requireNode(major, minor) {
  const [x = 0, y = 0] = process.versions.node.split('.').map(Number);
  if (x > major || (x === major && y >= minor)) return;
  fail(1, `Cannot run on Node ${process.versions.node}: beamish needs ${major}.${minor} or newer`);
}

/** @param {string} folder */
function membersOf(folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .sort()
    .map((name) => join(folder, name))
    .filter((member) => existsSync(join(root, member, 'package.json')));
}

/** Changes whenever what has to be installed may have changed. */
function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  const manifests = ['.', ...members].map((member) => join(member, 'package.json'));
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]) {
    const path = join(root, file);
    hash.update(`${file}\n`).update(existsSync(path) ? readFileSync(path) : '');
  }
  return hash.digest('hex');
}

function isInstalled() {
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) return false;
  return members.every(
    (member) =>
      Object.keys(dependenciesOf(readManifest(member))).length === 0 ||
      existsSync(join(root, member, 'node_modules')),
  );
}

/** @param {Manifest} manifest */
function dependenciesOf({ dependencies, devDependencies, peerDependencies }) {
  return { ...dependencies, ...devDependencies, ...peerDependencies };
}

/**
 * @typedef {object} Manifest
 * @property {string} [packageManager]
 * @property {object} [dependencies]
 * @property {object} [devDependencies]
 * @property {object} [peerDependencies]
 */

/**
 * @param {string} member
 * @returns {Manifest}
 */
function readManifest(member) {
  return JSON.parse(readFileSync(join(root, member, 'package.json'), 'utf8'));
}

function install() {
  const pnpm = readManifest('.').packageManager?.split('+')[0];
  if (pnpm === undefined) fail(1, 'Cannot install: package.json has no "packageManager"');
  process.stderr.write('Installing what is missing…\n');
  // An install that stops half way must not be taken for the one before it.
  rmSync(stamp, { force: true });
  const isWindows = process.platform === 'win32';
  // The log levels are for the sake of .npmrc, which silences both programs, failures included.
  const { error, signal, status, stdout, stderr } = spawnSync(
    isWindows ? 'npx.cmd' : 'npx',
    [
      ...['--yes', '--loglevel=error', pnpm],
      ...['install', '--frozen-lockfile', '--prefer-offline'],
      ...['--reporter=append-only', '--loglevel=info'],
    ],
    // Windows starts a .cmd file through a shell only.
    { cwd: root, shell: isWindows, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 },
  );
  if (error !== undefined) {
    fail(127, `Cannot install: npx, which comes with npm, did not start (${error.message})`);
  }
  if (status !== 0) {
    process.stderr.write(stdout);
    process.stderr.write(stderr);
    const code = status ?? 128 + (signal === null ? 0 : constants.signals[signal]);
    fail(
      code,
      `Cannot install: "npx ${pnpm} install" ended with ${signal ?? `code ${code}`}, see above`,
    );
  }
  writeFileSync(stamp, wanted);
}

/**
 * @param {number} code
 * @param {string} message
 * @returns {never}
 */
function fail(code, message) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
