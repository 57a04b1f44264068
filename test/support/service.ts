/** A service of the examples as a user starts it: a process of its own, on a free port, with a folder of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FROM_SOURCE } from './from-source.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export class Service {
  readonly store = mkdtempSync(join(tmpdir(), 'beamish-service-'));
  url = '';
  readonly #example: 'prime' | 'follow';
  #process: ChildProcess | undefined;

  constructor(example: 'prime' | 'follow') {
    this.#example = example;
  }

  /** Resolves once it listens. */
  async start(env: Readonly<Record<string, string>> = {}, ...args: string[]): Promise<this> {
    const its = { ...process.env, PORT: '0', STORE: this.store, BROKER: '', BACKEND: '', ...env };
    const started = spawn(
      process.execPath,
      [...FROM_SOURCE, `examples/${this.#example}/src/main.ts`, ...args],
      {
        cwd: ROOT,
        env: its,
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    this.#process = started;
    for await (const line of createInterface(started.stdout)) {
      const [ready, url = ''] = /listens on (\S+)|works for others/.exec(line) ?? [];
      if (ready === undefined) continue;
      this.url = url;
      return this;
    }
    throw new Error('The service has ended before it listened');
  }

  /** Resolves with the exit code, or the signal that ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | NodeJS.Signals | null> {
    const ending = this.#process;
    if (ending === undefined || ending.exitCode !== null) return Promise.resolve(null);
    return new Promise((resolve) => {
      ending.once('exit', (code, by) => resolve(by ?? code));
      ending.kill(signal);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.store, { recursive: true, force: true });
  }

  post(path: string, body: unknown): Promise<Response> {
    const headers = { 'Content-Type': 'application/json' };
    return fetch(`${this.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async json<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.url}${path}`)).json()) as T;
  }
}
