/** Runs a program of a test in a process of its own, reads its lines, and kills it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FROM_SOURCE } from './from-source.ts';

export interface Program {
  readonly lines: string[];
  readonly child: ChildProcess;
  /** With the line that matches. */
  said(matching: RegExp): Promise<string>;
  /** As `kill -9` does. */
  kill(): Promise<void>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** `heard` is told each line as it comes; without it, all are kept. */
export function run(
  program: URL,
  args: readonly string[],
  heard?: (line: string) => void,
): Program {
  const node = ['--expose-gc', ...FROM_SOURCE];
  const command = [...node, fileURLToPath(program), ...args];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    if (heard === undefined) lines.push(line);
    else heard(line);
    for (const look of [...waiting]) look();
  });
  const ended = new Promise<number | string>((end) => {
    child.on('close', (code, signal) => {
      end(code ?? signal ?? '');
      for (const look of [...waiting]) look();
    });
  });
  return {
    lines,
    child,
    ended,
    said(matching) {
      return new Promise((found, failed) => {
        const look = (): void => {
          const line = lines.find((each) => matching.test(each));
          if (line === undefined && child.exitCode === null && child.signalCode === null) return;
          waiting.delete(look);
          if (line !== undefined) found(line);
          else failed(new Error(`It ended without ${matching}: ${errors}`));
        };
        waiting.add(look);
        look();
      });
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
