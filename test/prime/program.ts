/** The service as a user starts it: a process of its own, on a free port, with a folder of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = ['--conditions=beamish-source', '--import', 'tsx', 'examples/prime/src/main.ts'];

export class Program {
  readonly store = mkdtempSync(join(tmpdir(), 'beamish-prime-'));
  url = '';
  #process: ChildProcess | undefined;

  static async started(env: Readonly<Record<string, string>> = {}): Promise<Program> {
    const program = new Program();
    await program.start(env);
    return program;
  }

  /** Resolves once it listens. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const its = { ...process.env, PORT: '0', STORE: this.store, CONCURRENCY: '2', ...env };
    const started = spawn(process.execPath, PROGRAM, {
      cwd: ROOT,
      env: its,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#process = started;
    for await (const line of createInterface(started.stdout)) {
      const [, url] = /^prime listens on (\S+)/.exec(line) ?? [];
      if (url === undefined) continue;
      this.url = url;
      return;
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

  ask(number: unknown, method?: string): Promise<Response> {
    const body = JSON.stringify({ number, method });
    return fetch(this.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
  }

  async idOf(number: unknown, method?: string): Promise<string> {
    const { task_id } = (await (await this.ask(number, method)).json()) as { task_id: string };
    return task_id;
  }

  async look(id: string, wait = 0): Promise<Looked> {
    return (await (await fetch(`${this.url}/${id}?wait=${wait}`)).json()) as Looked;
  }
}

export interface Looked {
  readonly status: string;
  readonly progress?: number;
  readonly result?: {
    readonly number: number;
    readonly is_prime: boolean;
    readonly certainty: string;
  };
  readonly error?: { readonly type: string; readonly message: string };
}
