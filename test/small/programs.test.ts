/** The small programs do what their README says, and are small. */

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FROM_SOURCE } from '../support/from-source.ts';
import { printedByFile } from '../support/programs.ts';

const FOLDER = new URL('../../examples/small/src/', import.meta.url);
const path = (name: string): string => fileURLToPath(new URL(`${name}.ts`, FOLDER));

test('each has at most 60 lines, and its place in the README', () => {
  const readme = readFileSync(new URL('../README.md', FOLDER), 'utf8');
  const files = readdirSync(FOLDER);
  expect(files).toHaveLength(8);
  for (const file of files) {
    const lines = readFileSync(new URL(file, FOLDER), 'utf8').trimEnd().split('\n');
    expect([file, lines.length <= 60]).toEqual([file, true]);
    expect(readme).toContain(`(src/${file})`);
  }
});

const OPEN = "{ ok: false, reason: 'the circuit is open' }";
const DOWN = "{ ok: false, reason: 'Error: down' }";
const HELLO = "{ ok: true, value: 'HELLO' }";

test.each([
  ['crawler', '9 pages, 1 broken: /docs/lost'],
  [
    'cache',
    "[ 'a as of fetch 1', 'a as of fetch 1', 'b as of fetch 2' ]\na as of fetch 1\na as of fetch 3",
  ],
  ['pipeline', 'sum 2668667000, few in flight at a time'],
  ['client', 'hello 1\nhello 2\nhello 3'],
  ['breaker', [DOWN, DOWN, DOWN, OPEN, HELLO, HELLO].join('\n')],
  [
    'scheduler',
    ['quick done', 'slow done', 'slow skipped', 'broken failed']
      .map((what) => `${what} again and again`)
      .join('\n'),
  ],
  ['life', '1024 cells, 128 generations: the glider is at home'],
])('the %s prints what it should', (name, printed) => {
  expect(printedByFile(path(name))).toBe(`${printed}\n`);
});

test('the chat tells each guest what all say, and ends in order', async () => {
  const args = [...FROM_SOURCE, path('chat'), '0'];
  const program = spawn(process.execPath, args);
  const ended = new Promise((resolve) => program.on('close', resolve));
  const port = await new Promise<number>((resolve) => {
    program.stdout.on('data', (data) => resolve(Number(/\d+/.exec(String(data))?.[0])));
  });
  const [one, two] = [await guest(port), await guest(port)];
  expect(await two.said(/You are guest \d+, one of 2/)).toBeTruthy();
  one.socket.write('hello\n');
  expect(await one.said(/guest \d+: hello/)).toBeTruthy();
  expect(await two.said(/guest \d+: hello/)).toBeTruthy();
  program.kill('SIGTERM');
  expect(await ended).toBe(0);
});

interface Guest {
  readonly socket: Socket;
  /** Resolves when something like this has been said. */
  said(what: RegExp): Promise<true>;
}

async function guest(port: number): Promise<Guest> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  let heard = '';
  socket.on('data', (data) => {
    heard += data;
  });
  const said = async (what: RegExp): Promise<true> => {
    while (!what.test(heard)) await new Promise((resolve) => socket.once('data', resolve));
    return true;
  };
  await said(/You are guest/);
  return { socket, said };
}
