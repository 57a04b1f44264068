/** Ctrl-C: trees first, the children of each in reverse, then the threads, and nothing keeps the process. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FROM_SOURCE } from '../support/from-source.ts';

const PROGRAM = fileURLToPath(new URL('interrupted.ts', import.meta.url));
/** For a program that hangs; one that does not may take as long as the machine needs. */
const HANGS_MS = 90_000;

interface Ending {
  readonly lines: readonly string[];
  readonly code: unknown;
}

/** Runs the program, and interrupts it once it has said all of `words`. */
async function interrupt(words: readonly string[], ...args: readonly string[]): Promise<Ending> {
  const command = [...FROM_SOURCE, PROGRAM, ...args];
  const program: ChildProcess = spawn(process.execPath, command, {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: HANGS_MS,
  });
  let said = '';
  let isInterrupted = false;
  program.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (isInterrupted || !words.every((word) => said.includes(`${word}\n`))) return;
    isInterrupted = true;
    program.kill('SIGINT');
  });
  // The code is the program's own, unless it had to be killed when its time was up.
  const [code] = (await once(program, 'close')) as [unknown];
  return { lines: said.trim().split('\n'), code };
}

test('SIGINT ends supervision trees in reverse order, then the threads, and then the process by itself', {
  timeout: HANGS_MS + 10_000,
}, async () => {
  const { lines, code } = await interrupt(['ready']);
  expect(lines.slice(0, 5)).toEqual([
    'ready',
    'c terminates: shutdown',
    'd terminates: shutdown',
    'b terminates: shutdown',
    'a terminates: shutdown',
  ]);
  expect(new Set(lines.slice(5, -1))).toEqual(new Set(['thread-1 exits', 'thread-2 exits']));
  expect(lines.at(-1)).toBe('shut down');
  expect(code).toBe(3);
});

test('SIGINT ends a program whose thread is in an endless loop, though stallMs lets it be', {
  timeout: HANGS_MS + 10_000,
}, async () => {
  const { lines, code } = await interrupt(['ready', 'loops'], 'loop');
  // In the thread of the program. What the other ones still do depends on when the loop is noticed.
  expect(lines).toContain('a terminates: shutdown');
  expect(lines.at(-1)).toBe('shut down');
  expect(code).toBe(3);
});
