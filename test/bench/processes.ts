/** The processes in which figures are taken: what they run is compiled first, each has a core to itself. */

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contestant } from './comparison.ts';

const BENCH = fileURLToPath(new URL('.', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Inside of `node_modules`, so that what is compiled finds beamish as it is published. */
export const COMPILED = join(ROOT, 'node_modules', '.cache', 'beamish-bench');
const LONGEST_MS = 120_000;
/** Of the BEAM, whose process table holds a quarter of a million by default. */
const EXTRA_FLAGS: { readonly [program: string]: readonly string[] } = {
  spawn_idle: ['+P', '1500000'],
};

/** How a process is started: with which Node, and on which core, if it is bound to one. */
export interface Launch {
  readonly node: string;
  readonly core: number | undefined;
}

export function hasErlang(): boolean {
  return ['erl', 'erlc'].every((program) => spawnSync(program, ['-version']).error === undefined);
}

/** Compiles beamish, the workloads and, if it is wanted, their counterparts in Erlang. */
export function compile(erlang: boolean): void {
  run(process.execPath, [join(ROOT, 'scripts', 'build.mjs')]);
  rmSync(COMPILED, { recursive: true, force: true });
  mkdirSync(COMPILED, { recursive: true });
  writeFileSync(join(COMPILED, 'package.json'), '{ "type": "module" }\n');
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  run(process.execPath, [tsc, '-p', join(BENCH, 'tsconfig.json')]);
  if (!erlang) return;
  const programs = readdirSync(join(BENCH, 'erlang')).map((file) => join(BENCH, 'erlang', file));
  run('erlc', ['-o', COMPILED, ...programs]);
}

/** The names of those workloads that have a floor. */
export function floors(): string[] {
  return readdirSync(join(BENCH, 'floors')).map((file) => file.replace(/\.ts$/, ''));
}

/** The last core, which the system itself uses least; undefined where no process can be bound to it. */
export function lastCore(): number | undefined {
  const core = cpus().length - 1;
  return spawnSync('taskset', ['-c', String(core), 'true']).status === 0 ? core : undefined;
}

/** Takes one figure. @throws Error that says what the program failed with. */
export async function measure(contestant: Contestant, launch: Launch): Promise<number> {
  const { name, engine, warmUp, n } = contestant;
  if (engine === 'BEAM') {
    const flags = ['+S', '1:1', ...(EXTRA_FLAGS[name] ?? [])];
    const main = ['-run', 'bench', 'main', name, String(warmUp), String(n)];
    return Number(await output(contestant, 'erl', [...flags, '-noshell', ...main], launch));
  }
  const args = [join(COMPILED, 'measured.js'), engine, name, String(warmUp), String(n)];
  const text = await output(contestant, launch.node, args, launch);
  const answer = JSON.parse(text) as { figure: number } | { error: string };
  if ('error' in answer) throw new Error(`Cannot measure ${name}: ${answer.error}`);
  return answer.figure;
}

function output(
  { name, engine }: Contestant,
  command: string,
  args: readonly string[],
  { core }: Launch,
): Promise<string> {
  const [program, ...rest] =
    core === undefined ? [command, ...args] : ['taskset', '-c', String(core), command, ...args];
  return new Promise((resolve, reject) => {
    // Crash reports and dead letters are written, but nobody reads them.
    const child = spawn(program as string, rest, {
      cwd: COMPILED,
      env: { ...process.env, ERL_CRASH_DUMP: '/dev/null', NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: LONGEST_MS,
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0 && text !== '') resolve(text);
      else reject(new Error(`Cannot measure ${name}: ${engine} ended with ${signal ?? code}`));
    });
  });
}

/** Versions of what is measured. */
export function versions(node: string, erlang: boolean): { node: string; otp: string | undefined } {
  const otp =
    'io:format("OTP ~s, erts ~s, ~s", [erlang:system_info(I) || I <- [otp_release, version, emu_flavor]]), halt().';
  return {
    node: spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim(),
    otp: erlang
      ? spawnSync('erl', ['-noshell', '-eval', otp], { encoding: 'utf8' }).stdout.trim()
      : undefined,
  };
}

function run(command: string, args: readonly string[]): void {
  // Standard output belongs to the table.
  const { status } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`Cannot compile: ${command} ${args.join(' ')} failed`);
}
