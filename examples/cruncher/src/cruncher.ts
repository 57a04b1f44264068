// A cruncher finds the addresses in one chunk at a time. It keeps nothing between two chunks, so it
// may crash at any moment: its supervisor starts another, and the uploader has its chunk still.

import type { Actor, Self } from 'beamish';
import { findAddresses } from './addresses.ts';
import { type Crunch, STATUS, UPLOADER } from './messages.ts';
import { RecordWriter } from './records.ts';

/** Where tests make a cruncher crash: called before and after the crunching of a chunk. */
export type Fault = (seq: number) => void;

export function* cruncher(self: Self<Crunch>, fault?: Fault): Actor {
  const writer = new RecordWriter();
  for (;;) {
    self.send(UPLOADER, { tag: 'ready', cruncher: self.pid });
    const { seq, chunk } = yield* self.receive('crunch');
    fault?.(seq);
    findAddresses(chunk.bytes, chunk.from, writer);
    const found = writer.take();
    self.send(STATUS, { tag: 'crunched', seq, bytes: chunk.bytes.length, found });
    fault?.(seq);
  }
}
