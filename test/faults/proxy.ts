/** A way to the broker that delays, cuts and swallows. */

import { connect, createServer, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** Which way is let through: `none` is a black hole, and what comes meanwhile is gone. */
export type Lets = 'both' | 'up' | 'down' | 'none';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

export interface Detour {
  readonly port: number;
  readonly url: string;
  lets: Lets;
  /** How long each piece takes. */
  delayMs: number;
  /** Bytes a second, each way. */
  rate: number;
  /** How often somebody has connected. */
  readonly connects: number;
  /** Closes all connections; with `reset`, without a word. */
  cut(reset?: boolean): void;
  /** Lets so many more bytes through to the broker, and then cuts: in the middle of a frame. */
  cutAfter(bytes: number): void;
  /** Our end is gone, and the broker's stays open: it still thinks that we are there. */
  halfOpen(): void;
  /** Says something to the broker that it cannot understand. */
  babble(): void;
  close(): void;
}

export async function proxyTo(url: string): Promise<Detour> {
  const { hostname, port } = new URL(url);
  const pairs = new Set<Pair>();
  let remaining = Number.POSITIVE_INFINITY;
  let connects = 0;
  const server = createServer((near) => {
    connects++;
    const far = connect(Number(port), hostname);
    const pair = { near, far };
    pairs.add(pair);
    let isHalf = false;
    near.on('error', () => {});
    far.on('error', () => {});
    near.on('close', () => {
      isHalf = halves.has(pair);
      if (!isHalf) far.destroy();
    });
    far.on('close', () => {
      pairs.delete(pair);
      near.destroy();
    });
    pump(near, far, 'up');
    pump(far, near, 'down');
  });
  const halves = new Set<Pair>();
  function pump(from: Socket, to: Socket, way: 'up' | 'down'): void {
    let turn: Promise<unknown> = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      if (proxy.lets !== 'both' && proxy.lets !== way) return;
      const passed = way === 'up' ? chunk.subarray(0, remaining) : chunk;
      if (way === 'up') remaining -= passed.length;
      const waits = proxy.delayMs + (passed.length / proxy.rate) * 1000;
      if (waits > 0) {
        from.pause();
        turn = turn.then(() => setTimeout(waits)).then(() => from.resume());
      }
      turn = turn.then(() => to.destroyed || to.write(passed));
      if (remaining <= 0) turn = turn.then(() => proxy.cut());
    });
  }
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const own = (server.address() as { port: number }).port;
  const through = new URL(url);
  through.port = String(own);
  const proxy: Detour = {
    port: own,
    url: through.href,
    lets: 'both',
    delayMs: 0,
    rate: Number.POSITIVE_INFINITY,
    get connects() {
      return connects;
    },
    cut(reset = false) {
      remaining = Number.POSITIVE_INFINITY;
      for (const { near, far } of pairs) {
        if (reset) near.resetAndDestroy();
        else near.destroy();
        far.destroy();
      }
    },
    cutAfter(bytes) {
      remaining = bytes;
    },
    halfOpen() {
      for (const pair of pairs) {
        halves.add(pair);
        pair.near.destroy();
      }
    },
    babble() {
      for (const { far } of pairs) far.write(Buffer.alloc(64, 0x7f));
    },
    close() {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      server.close();
    },
  };
  return proxy;
}
