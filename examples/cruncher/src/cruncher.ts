// A cruncher finds the addresses in one chunk at a time. It keeps nothing between two chunks, so it
// may crash at any moment: its supervisor starts another, and the uploader has its chunk still.

import { type Actor, type Context, type Name, name, portable, type Self } from 'beamish';
import { findAddresses } from './addresses.ts';
import type { Chunk } from './chunks.ts';
import {
  type Algorithm,
  type Crunch,
  STATUS,
  type ToStatus,
  type ToUploader,
  UPLOADER,
} from './messages.ts';
import { type Records, RecordWriter } from './records.ts';
import { Tally } from './tally.ts';

/** Where tests make a cruncher crash: called before and after the crunching of a chunk. */
export type Fault = (seq: number) => void;

export function* cruncher(self: Self<Crunch>, algorithm: Algorithm = 'fast', fault?: Fault): Actor {
  yield* crunchFor(self, { uploader: UPLOADER, status: STATUS, algorithm, fault });
}

/** A cruncher in another thread than that of the others, whose system has this name. */
export const recruit = portable(
  import.meta,
  'recruit',
  function* recruit(self: Self<Crunch>, home: string, algorithm: Algorithm): Actor {
    const uploader = name<ToUploader>(UPLOADER.name, home);
    const status = name<ToStatus>(STATUS.name, home);
    // The counting is done in that thread, so what a chunk repeats is summed up in this one.
    const tally = new Tally();
    const sumUp = (found: Records): Records => {
      tally.add(found);
      return tally.take();
    };
    yield* crunchFor(self, { uploader, status, algorithm, sumUp });
  },
);

interface Job {
  readonly uploader: Name<ToUploader>;
  readonly status: Name<ToStatus>;
  readonly algorithm: Algorithm;
  readonly sumUp?: (found: Records) => Records;
  readonly fault?: Fault | undefined;
}

function* crunchFor(self: Context<Crunch>, job: Job): Actor {
  const { uploader, status, algorithm, sumUp, fault } = job;
  const writer = new RecordWriter();
  const find = algorithm === 'fast' ? findFast : yield* self.wait(thoroughly());
  let crunchedMs = 0;
  for (;;) {
    self.send(uploader, { tag: 'ready', cruncher: self.pid, crunchedMs });
    const { seq, chunk } = yield* self.receive('crunch');
    self.send(uploader, { tag: 'begun', cruncher: self.pid });
    fault?.(seq);
    const began = performance.now();
    const finding = find(chunk, writer);
    if (finding !== undefined) yield* self.wait(finding);
    const records = writer.take();
    const found = sumUp === undefined ? records : sumUp(records);
    crunchedMs = performance.now() - began;
    const news = { tag: 'crunched', seq, bytes: chunk.bytes.length, found } as const;
    yield* self.offer(status, news, { transfer: [found.buffer] });
    fault?.(seq);
  }
}

/** Writes down what is in a chunk. */
type Find = (chunk: Chunk, writer: RecordWriter) => Promise<void> | undefined;

const findFast: Find = ({ bytes, from }, writer) => {
  findAddresses(bytes, from, writer);
  return undefined;
};

/** Loaded by those alone who want it: it knows more, and takes longer to load. */
async function thoroughly(): Promise<Find> {
  const { findIn, Findings } = await import('./thorough/thorough.ts');
  const encoder = new TextEncoder();
  return async ({ bytes, kind }, writer) => {
    const findings = new Findings();
    await findIn(bytes, findings, kind);
    for (const [address, times] of findings.addresses()) {
      const text = encoder.encode(address);
      writer.text(text, 0, text.length, times);
    }
  };
}
