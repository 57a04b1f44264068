/** A project that has installed the packages from their tarballs, by npm. */

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packages, ROOT } from '../../scripts/workspace.mjs';

/** What belongs into a tarball. */
const PUBLISHED =
  /^(package\.json|README\.md|LICENSE|docs\/.*\.md|dist\/LICENSES|dist\/page\/[^/]+\.(css|html)|lint\/.*\.grit|dist\/.*\.(js|js\.map|d\.ts))$/;
/** Outside of the workspace, so that nothing of it is found by chance. */
const CACHE = join(tmpdir(), 'beamish-published');

export class Consumer {
  folder = mkdtempSync(join(tmpdir(), 'beamish-consumer-'));

  install() {
    const tarballs = mkdtempSync(join(this.folder, 'tarballs-'));
    const pnpm = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).packageManager;
    // The level is for the sake of .npmrc, which silences npm, failures included.
    for (const { folder } of packages())
      call('npx', [
        '--yes',
        '--loglevel=error',
        pnpm,
        '-C',
        folder,
        'pack',
        '--pack-destination',
        tarballs,
      ]);
    this.write({ 'package.json': '{ "private": true, "type": "module" }' });
    const files = readdirSync(tarballs).map((file) => join(tarballs, file));
    npmInstall(this.folder, [...files, '@types/node@20', 'tsx@4']);
  }

  /** What is in the packages and does not belong there, and what the core would need of others. */
  strays() {
    /** @type {string[]} */
    const found = [];
    for (const { name } of packages()) {
      const folder = join(this.folder, 'node_modules', name);
      const files = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
        .filter((file) => !file.startsWith('node_modules'));
      found.push(
        ...files.filter((file) => !PUBLISHED.test(file)).map((file) => `${name} has ${file}`),
      );
    }
    const core = join(this.folder, 'node_modules', 'beamish', 'dist');
    for (const file of readdirSync(core).filter((each) => each.endsWith('.js')))
      for (const [text] of readFileSync(join(core, file), 'utf8').matchAll(
        /^(?:import .*|export .*|\}) from "[^.].*|^import "[^.].*/gm,
      ))
        found.push(`the core runs everywhere only if it needs nothing, but there is ${text}`);
    return found;
  }

  /** @param {{ readonly [file: string]: string }} files */
  write(files) {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(this.folder, file), text);
  }

  /**
   * What a program prints in a project about which nothing has been said yet: its files are CommonJS.
   *
   * @param {string} file
   * @param {string} program
   */
  printedWhereBegun(file, program) {
    const folder = join(this.folder, 'begun');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }');
    writeFileSync(join(folder, file), program);
    return call(process.execPath, ['--import', 'tsx', file], folder);
  }

  /**
   * Compiles its programs, with all declarations of the packages, to JavaScript.
   *
   * @param {string} version
   * @param {readonly string[]} files
   * @param {object} options
   */
  compile(version, files, options) {
    const compilerOptions = { strict: true, target: 'es2022', module: 'nodenext', ...options };
    this.write({ 'tsconfig.json': JSON.stringify({ compilerOptions, files }) });
    const tsc = join(tool(`typescript@${version}`), 'typescript', 'bin', 'tsc');
    call(process.execPath, [tsc, '-p', this.folder, '--pretty', 'false']);
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * Where npm has put a package of some version, for once and the next time.
 *
 * @param {string} spec
 */
export function tool(spec) {
  const folder = join(CACHE, spec.replaceAll('/', '+'));
  const modules = join(folder, 'node_modules');
  if (existsSync(join(folder, 'is-whole'))) return modules;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  npmInstall(folder, [spec]);
  writeFileSync(join(folder, 'is-whole'), '');
  return modules;
}

/**
 * @param {string} folder
 * @param {readonly string[]} specs
 */
function npmInstall(folder, specs) {
  const quietly = ['--no-audit', '--no-fund', '--loglevel=error'];
  call('npm', ['install', ...quietly, '--prefix', folder, ...specs], folder);
}

/**
 * What a program prints. @throws Error with all that it says, if it fails
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} [cwd]
 */
export function call(command, args, cwd = ROOT) {
  const { status, stdout, output } = outcome(command, args, cwd);
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} has failed:\n${output}`);
}

/**
 * How a program ended, and all that it said.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 */
export function outcome(command, args, cwd) {
  const env = { ...process.env, NO_COLOR: '1' };
  const ended = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  const { status, stdout, stderr, error } = ended;
  if (error !== undefined) throw error;
  return { status, stdout, output: `${stdout}${stderr}` };
}
