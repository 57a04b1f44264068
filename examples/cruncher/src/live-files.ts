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

/** How long who has got something waits for more: to pass on each piece would cost more than to read it. */
const GATHER_MS = 5;

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
  /** Whoever reads now. */
  let reading: Gathering | undefined;

  const options: SocketConstructorOpts & ConnectOpts = {
    readable: true,
    writable: false,
    onread: {
      buffer,
      callback(length) {
        rest = reading?.add(buffer.subarray(0, length)) ?? buffer.subarray(0, length);
        // Pauses when it is to: what did not fit has to be taken first.
        return reading?.isDone === false;
      },
    },
  };
  const stream = isatty(descriptor)
    ? new ReadStream(descriptor, options)
    : new Socket({ ...options, fd: descriptor });
  const end = (how: 'ended' | Error): void => {
    if (state === 'open') state = how;
    reading?.finish();
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
      reading = new Gathering(into);
      rest = reading.add(rest);
      if (state !== 'open') reading.finish();
      else if (!reading.isDone) stream.resume();
      const length = await reading.gathered;
      reading = undefined;
      stream.pause();
      if (length === 0 && state instanceof Error) throw state;
      return { length, ended: length === 0 };
    },
    close: () => closing.abort(),
  };
}

/** Piece after piece into a buffer, until it is full, or some time after the first one. */
class Gathering {
  /** How many bytes there are in the end. */
  readonly gathered: Promise<number>;
  isDone = false;
  readonly #into: Uint8Array;
  #length = 0;
  #timer: NodeJS.Timeout | undefined;
  #resolve: (length: number) => void = () => {};

  constructor(into: Uint8Array) {
    this.#into = into;
    this.gathered = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Returns what has no room any more. */
  add(piece: Uint8Array): Uint8Array {
    const taken = piece.subarray(0, this.#into.length - this.#length);
    this.#into.set(taken, this.#length);
    this.#length += taken.length;
    if (this.#length === this.#into.length) this.finish();
    else if (taken.length > 0) this.#timer ??= setTimeout(() => this.finish(), GATHER_MS);
    return piece.subarray(taken.length);
  }

  finish(): void {
    this.isDone = true;
    clearTimeout(this.#timer);
    this.#resolve(this.#length);
  }
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
