/** Plays the scenarios in Erlang, where there is one: all of them in one virtual machine. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDERS = ['erlang', 'scenarios'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);
const LONGEST_MS = 120_000;

/** Whether `erl` and `erlc` can be run. */
export function hasErlang(): boolean {
  return ['erl', 'erlc'].every((program) => spawnSync(program, ['-version']).error === undefined);
}

/** The log of each function of these modules, by `module function`. */
export function erlangLogs(modules: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'beamish-differential-'));
  try {
    run('erlc', ['-o', folder, ...FOLDERS.flatMap(sourcesIn)]);
    // The stage knows that everybody waits because there is one scheduler.
    const flags = ['+S', '1:1', '-noshell', '-pa', folder];
    return parsed(run('erl', [...flags, '-run', 'stage', 'main', ...modules]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.erl'))
    .map((file) => join(folder, basename(file)));
}

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, ERL_CRASH_DUMP: '/dev/null' },
    timeout: LONGEST_MS,
  });
}

function parsed(output: string): ReadonlyMap<string, readonly string[]> {
  const logs = new Map<string, string[]>();
  let log: string[] = [];
  for (const line of output.trimEnd().split('\n')) {
    if (line.startsWith('== ')) {
      log = [];
      logs.set(line.slice('== '.length), log);
    } else {
      log.push(line);
    }
  }
  return logs;
}
