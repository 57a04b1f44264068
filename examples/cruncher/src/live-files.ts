// Files of which nobody knows when they have something to read: pipes, sockets, terminals and other
// devices of characters. Read like a file, they would hold the only thread until they have, Ctrl-C
// and all; in Node's thread pool, they would hold a thread, and Node does not exit before it is free.

import { closeSync, readSync } from 'node:fs';
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty, ReadStream } from 'node:tty';
import { codeOf, type OpenFile } from './file-system.ts';

/** What a pipe can hold, and so the most that one read of it brings. */
const STREAM_BYTES = 64 * 1024;

/** How soon a device that had nothing is asked again. */
const ASK_AGAIN_MS = 20;

const UNKNOWN: Pick<OpenFile, 'size' | 'edition' | 'change'> = {
  size: undefined,
  edition: undefined,
  change: () => 'none',
};

/** What the event loop can watch: a pipe, a socket or a terminal. */
export function openStream(descriptor: number): OpenFile {
  // One buffer for all that comes: Node's own way makes a new one for each piece, and collecting
  // those took more time than reading.
  const buffer = Buffer.allocUnsafeSlow(STREAM_BYTES);
  const closing = new AbortController();
  let rest: Uint8Array = buffer.subarray(0, 0);
  let state: 'open' | 'ended' | Error = 'open';
  let settle = (): void => {};

  const options: SocketConstructorOpts & ConnectOpts = {
    readable: true,
    writable: false,
    onread: {
      buffer,
      callback(length) {
        rest = buffer.subarray(0, length);
        settle();
        return false; // pauses: the buffer has to be taken first
      },
    },
  };
  const stream = isatty(descriptor)
    ? new ReadStream(descriptor, options)
    : new Socket({ ...options, fd: descriptor });
  const end = (how: 'ended' | Error): void => {
    if (state === 'open') state = how;
    settle();
  };
  stream.on('end', () => end('ended'));
  stream.on('error', end);
  closing.signal.addEventListener('abort', () => {
    end(closing.signal.reason as Error);
    stream.destroy();
  });

  return {
    ...UNKNOWN,
    async read(into) {
      while (rest.length === 0 && state === 'open') {
        const came = new Promise<void>((resolve) => {
          settle = resolve;
        });
        stream.resume();
        await came;
      }
      if (rest.length === 0 && state instanceof Error) throw state;
      const length = Math.min(rest.length, into.length);
      into.set(rest.subarray(0, length));
      rest = rest.subarray(length);
      return { length, ended: length === 0 };
    },
    close: () => closing.abort(),
  };
}

/** What it cannot: it is asked again and again. */
export function openDevice(descriptor: number): OpenFile {
  const closing = new AbortController();
  return {
    ...UNKNOWN,
    async read(into) {
      for (;;) {
        try {
          const length = readSync(descriptor, into, 0, into.length, null);
          return { length, ended: length === 0 };
        } catch (error) {
          if (codeOf(error) !== 'EAGAIN') throw error;
        }
        await sleep(ASK_AGAIN_MS, undefined, { signal: closing.signal });
      }
    },
    close() {
      closing.abort();
      closeSync(descriptor);
    },
  };
}
