/** Programs that run until they are told to stop. Each is a process of its own, with real signals. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FROM_SOURCE } from '../../support/from-source.ts';

const PROGRAM = fileURLToPath(new URL('main-program.ts', import.meta.url));

interface End {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program; once it is ready, sends it the signals, each when it has written something again, or at once. */
function run(which: string, ...signals: readonly NodeJS.Signals[]): Promise<End> {
  const args = [...FROM_SOURCE, PROGRAM, which];
  const program = spawn(process.execPath, args);
  let [stdout, stderr] = ['', ''];
  const rest = [...signals];
  program.stderr.on('data', (data) => {
    stderr += data;
  });
  program.stdout.on('data', (data) => {
    if (stdout === '') for (const signal of rest.splice(0)) program.kill(signal);
    stdout += data;
  });
  return new Promise((resolve) => {
    program.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

test('SIGTERM ends a program in order, children before those that they need, with 0', async () => {
  expect(await run('idle', 'SIGTERM')).toEqual({
    code: 0,
    stdout: 'ready\nweb is clean\ndb is clean\n',
    stderr: '',
  });
});

test('Ctrl-C does the same with 130', async () => {
  expect(await run('idle', 'SIGINT')).toMatchObject({
    code: 130,
    stdout: 'ready\nweb is clean\ndb is clean\n',
  });
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('when the time is up, %s ends it with %i', async (signal, code) => {
  expect(await run('slow', signal)).toMatchObject({ code, stdout: 'ready\n' });
});

test('a second signal ends it at once', async () => {
  expect(await run('patient', 'SIGTERM', 'SIGINT')).toMatchObject({
    code: expect.toBeOneOf([130, 143]),
    stdout: 'ready\n',
  });
});

test('what keeps the program after its end in order does so until the time is up', async () => {
  expect(await run('socket', 'SIGTERM')).toMatchObject({
    code: 0,
    stdout: 'ready\nweb is clean\ndb is clean\n',
  });
});

test('a tree that gives up ends the program with 1, one that ends in order with 0', async () => {
  expect(await run('gives up')).toMatchObject({ code: 1 });
  expect(await run('ends by itself')).toMatchObject({ code: 0, stderr: '' });
});

test('what fails after the actors have ended is told, and the program ends with 1', async () => {
  const { code, stderr } = await run('fails to close', 'SIGTERM');
  expect(code).toBe(1);
  expect(stderr).toContain('close failed');
});

test('await using ends it in order', async () => {
  expect(await run('await using')).toEqual({
    code: 0,
    stdout: 'ready supervisor\nweb is clean\ndb is clean\n',
    stderr: '',
  });
});

test('a tree that does not start rejects, and keeps nothing alive', async () => {
  expect(await run('does not start')).toMatchObject({ code: 0, stdout: 'StartFailed\n' });
});

test('a tree that is alive when the program ends without main is told of, once', async () => {
  const { code, stderr } = await run('without main');
  expect(code).toBe(0);
  expect(stderr.match(/Start it by main\(tree\)/g)).toHaveLength(1);
});
