/** Programs that nothing is wrong with: the doctor finds nothing wrong with them. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FROM_SOURCE } from '../support/from-source.ts';
import { Service } from '../support/service.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCTOR = new URL('./healthy.ts', import.meta.url).href;
/** A thread of the program knows nothing of TypeScript before its pool teaches it. */
const LOADED = `data:text/javascript,${encodeURIComponent(
  `import{isMainThread}from'node:worker_threads';if(isMainThread)await import('${DOCTOR}')`,
)}`;
const LOADING = [...FROM_SOURCE, `--import=${LOADED}`].join(' ');

let folder = '';
let runs = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'beamish-healthy-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The environment of a program that is examined, and which rules found something in it. */
function examined(): { env: Record<string, string>; findings(): readonly string[] } {
  const file = join(folder, `${runs++}.json`);
  return {
    env: { NODE_OPTIONS: LOADING, BEAMISH_FOUND: file },
    findings() {
      const told = JSON.parse(readFileSync(file, 'utf8'));
      expect(told.systems).toBeGreaterThan(0);
      expect(told.examined).toBeGreaterThan(0);
      return (told.found as string[]).filter((its) => !isOfTheMachine(its));
    },
  };
}

/** That not all is recorded says nothing of the program, and on a machine that is too busy, turns are long. */
function isOfTheMachine(finding: string): boolean {
  return finding.startsWith('recording_bursts') || finding.startsWith('long_turn');
}

function run(path: string, ...args: readonly string[]): readonly string[] {
  const { env, findings } = examined();
  execFileSync(process.execPath, ['--expose-gc', path, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return findings();
}

test.each(['crawler', 'cache', 'pipeline', 'client', 'breaker', 'scheduler', 'life'])(
  'OBS-73 nothing is found in the small program %s',
  (name) => expect(run(`examples/small/src/${name}.ts`)).toEqual([]),
  30_000,
);

test('OBS-73 nothing is found in the chat', async () => {
  const { env, findings } = examined();
  const chat = spawn(process.execPath, ['examples/small/src/chat.ts', '0'], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(chat.stdout, 'data');
  chat.kill('SIGTERM');
  await once(chat, 'close');
  expect(findings()).toEqual([]);
}, 30_000);

test('OBS-73 nothing is found in the cruncher', () => {
  expect(run('examples/cruncher/src/main.ts', 'examples/cruncher/samples')).toEqual([]);
}, 30_000);

test('OBS-73 nothing is found in prime, while it works', async () => {
  const { env, findings } = examined();
  await using service = await new Service('prime').start({ ...env, CONCURRENCY: '2' });
  const asked = await service.post('/', { number: 1_000_000_007, method: 'trial_division' });
  const { task_id } = (await asked.json()) as { task_id: string };
  await service.json(`/${task_id}?wait=5`);
  await service.end('SIGTERM');
  expect(findings()).toEqual([]);
}, 60_000);

test('OBS-73 nothing is found in follow, while it works', async () => {
  const { env, findings } = examined();
  await using service = await new Service('follow').start(env);
  const asked = await service.post('/users/ada/follow', { by: 'bea' });
  const { task_id } = (await asked.json()) as { task_id: string };
  await (await fetch(`${service.url}/tasks/${task_id}/events`)).text();
  await service.end('SIGTERM');
  expect(findings()).toEqual([]);
}, 60_000);

test('OBS-73 nothing is found in the benchmarks but storms of those that are made of restarts', () => {
  const found = run('test/observer/healthy-benchmarks.ts');
  const storms = /^restart_storm: \w+ <(?:restart|crash-children)\.\d+>/;
  expect(found.filter((its) => !storms.test(its))).toEqual([]);
}, 120_000);
