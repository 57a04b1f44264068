// A cruncher finds the addresses in one chunk at a time. It keeps nothing between two chunks, so it
// may crash at any moment: its supervisor starts another, and the uploader has its chunk still.

import { type Actor, type Context, type Name, name, portable, type Self } from 'beamish';
import { findAddresses } from './addresses.ts';
import { type Crunch, STATUS, type ToStatus, type ToUploader, UPLOADER } from './messages.ts';
import { type Records, RecordWriter } from './records.ts';
import { Tally } from './tally.ts';

/** Where tests make a cruncher crash: called before and after the crunching of a chunk. */
export type Fault = (seq: number) => void;

export function* cruncher(self: Self<Crunch>, fault?: Fault): Actor {
  yield* crunchFor(self, { uploader: UPLOADER, status: STATUS, fault });
}

/** A cruncher in another thread than that of the others, whose system has this name. */
export const recruit = portable(
  import.meta,
  'recruit',
  function* recruit(self: Self<Crunch>, home: string): Actor {
    const uploader = name<ToUploader>(UPLOADER.name, home);
    const status = name<ToStatus>(STATUS.name, home);
    // The counting is done in that thread, so what a chunk repeats is summed up in this one.
    const tally = new Tally();
    const sumUp = (found: Records): Records => {
      tally.add(found);
      return tally.take();
    };
    yield* crunchFor(self, { uploader, status, sumUp });
  },
);

interface Job {
  readonly uploader: Name<ToUploader>;
  readonly status: Name<ToStatus>;
  readonly sumUp?: (found: Records) => Records;
  readonly fault?: Fault | undefined;
}

function* crunchFor(self: Context<Crunch>, { uploader, status, sumUp, fault }: Job): Actor {
  const writer = new RecordWriter();
  let crunchedMs = 0;
  for (;;) {
    self.send(uploader, { tag: 'ready', cruncher: self.pid, crunchedMs });
    const { seq, chunk } = yield* self.receive('crunch');
    self.send(uploader, { tag: 'begun', cruncher: self.pid });
    fault?.(seq);
    const began = performance.now();
    findAddresses(chunk.bytes, chunk.from, writer);
    const records = writer.take();
    const found = sumUp === undefined ? records : sumUp(records);
    crunchedMs = performance.now() - began;
    const news = { tag: 'crunched', seq, bytes: chunk.bytes.length, found } as const;
    yield* self.offer(status, news, { transfer: [found.buffer] });
    fault?.(seq);
  }
}
