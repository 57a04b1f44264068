/** A Redis of a test's own, which it may stop and start again: on loopback, in a folder that goes with it. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../support/rabbitmq-node.ts';

/** Whether one can be started here. */
export const isInstalled = spawnSync('redis-server', ['--version']).status === 0;

export class RedisNode {
  readonly url: string;
  readonly #args: readonly string[];
  readonly #folder: string;
  #server: ChildProcess | undefined;

  /** It keeps what it has on disk. */
  static async start(): Promise<RedisNode> {
    const node = new RedisNode(await freePort());
    await node.start();
    return node;
  }

  private constructor(port: number) {
    this.#folder = mkdtempSync(join(tmpdir(), 'beamish-redis-'));
    this.url = `redis://127.0.0.1:${port}/0`;
    this.#args = [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', this.#folder],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
    ];
  }

  async start(): Promise<void> {
    this.#server = spawn('redis-server', this.#args, { stdio: 'ignore' });
    const client = new Redis(this.url, { maxRetriesPerRequest: null });
    client.on('error', () => undefined); // nobody listens yet
    await client.ping();
    client.disconnect();
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined || server.exitCode !== null) return;
    const ended = new Promise((end) => server.once('exit', end));
    server.kill('SIGTERM');
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
