/** What the benchmark of threads runs in a thread. */

import { createHash } from 'node:crypto';
import { type Actor, type Message, portable, type ReplyTo, type Self } from 'beamish';

export interface Ask extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<number>;
}

/** Counts what it gets, and says how many when it has had `count`. */
export const sink = portable(
  import.meta,
  'sink',
  function* sink(self: Self<Ask | { tag: 'n' }>, count: number): Actor {
    const { replyTo } = (yield* self.receive('ask')) as Ask;
    for (let i = 0; i < count; i++) yield* self.receive('n');
    self.send(replyTo, count);
  },
);

export const answering = portable(
  import.meta,
  'answering',
  function* answering(self: Self<Ask>): Actor {
    for (;;) self.send((yield* self.receive('ask')).replyTo, 1);
  },
);

export interface Chunk extends Message {
  readonly tag: 'chunk';
  readonly bytes: SharedArrayBuffer;
}

export interface AskForDigest extends Message {
  readonly tag: 'digest';
  readonly replyTo: ReplyTo<string>;
}

function hashed(bytes: SharedArrayBuffer): string {
  return createHash('sha256').update(new Uint8Array(bytes)).digest('hex');
}

export const hashing = portable(
  import.meta,
  'hashing',
  function* hashing(self: Self<Chunk | AskForDigest>): Actor {
    let digest = '';
    for (;;) {
      const message = yield* self.receive('chunk', 'digest');
      if (message.tag === 'chunk') digest = hashed(message.bytes);
      else self.send(message.replyTo, digest);
    }
  },
);
