/** Real processes that are killed, told to end, and in each other's way. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineTask, file, tasks } from '@beamish/tasks';
import { ActorSystem } from 'beamish';
import { expect, test } from 'vitest';
import { FROM_SOURCE } from '../support/from-source.ts';
import { storyOf } from './killed/kill.ts';

/** `node … test/tasks/killed/kill.ts 1 1000` for a thousand. */
test.each([1, 2, 3])(
  'TSK-88: killed at points of chance (seed %i), everything ends, and what was promised holds',
  async (seed) => {
    const { kills, broken } = await storyOf(seed);
    expect(broken).toEqual([]);
    expect(kills).toBeGreaterThan(0);
  },
  120_000,
);

const SERVED = fileURLToPath(new URL('./killed/served.ts', import.meta.url));

interface Served {
  readonly child: ChildProcess;
  readonly lines: string[];
  /** Resolves when it has printed that. */
  readonly said: (line: string) => Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

function serve(folder: string, ms: number): Served {
  const args = [...FROM_SOURCE, SERVED, folder, String(ms)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  child.stdout?.on('data', (data) => {
    lines.push(...String(data).trim().split('\n'));
    for (const look of [...waiting]) look();
  });
  return {
    child,
    lines,
    said: (line) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (lines.includes(line)) resolve();
        };
        waiting.push(look);
        look();
      }),
    ended: new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal }))),
  };
}

const probe = defineTask('long', (_self, _ms: number) => 'probed');

test('TSK-71: a SIGTERM lets what runs end, and then the process, with code 0', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'beamish-sigterm-'));
  const served = serve(folder, 600);
  await served.said('ready');
  served.child.kill('SIGTERM');
  expect(await served.ended).toEqual({ code: 0, signal: null });
  expect(served.lines).toEqual(['ready', 'succeeded']);
  await rm(folder, { recursive: true });
}, 60_000);

test('TSK-71: a second SIGTERM ends it at once, and its task is queued again with nothing counted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'beamish-sigterm-'));
  const served = serve(folder, 600_000);
  await served.said('ready');
  served.child.kill('SIGTERM');
  // Two of them at the same moment may come as one.
  const again = setInterval(() => served.child.kill('SIGTERM'), 200);
  expect(await served.ended).toEqual({ code: 0, signal: null });
  clearInterval(again);
  await using system = new ActorSystem({ log: 'off' });
  await using app = await tasks(system, { tasks: [probe], store: file(folder), workers: [] });
  expect(await app.handle('long').state()).toMatchObject({
    state: 'queued',
    attempt: 1,
    crashes: 0,
  });
  await app.close();
  await rm(folder, { recursive: true });
}, 60_000);

test('TSK-86: a second process on a folder is refused with the pid of the first; the first killed, it opens at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'beamish-locked-'));
  const served = serve(folder, 600_000);
  await served.said('ready');
  await using system = new ActorSystem({ log: 'off' });
  const open = () => tasks(system, { tasks: [probe], store: file(folder) });
  const refused = await open().catch((error: unknown) => error);
  expect(String((refused as { cause?: unknown }).cause ?? refused)).toContain(
    String(served.child.pid),
  );
  served.child.kill('SIGKILL');
  await served.ended;
  await using app = await open();
  expect(await app.handle('long').get()).toBe('probed');
  await app.close();
  await rm(folder, { recursive: true });
}, 60_000);
