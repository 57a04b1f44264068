// The dispatcher is the uploader's desk: it gives each chunk to a cruncher that is free, and takes it
// back from one that dies.
//
// To another thread a chunk is moved and not copied, and so it dies with that thread. A file is then
// read again, from the same place, and if it has been written to since, that is an error of the file:
// what is counted was all in it at one time. Keeping a copy of each chunk would spare that, at the
// price of copying all for what hardly ever happens; what cannot be read twice, as a pipe, has to pay
// it. So there is never more in memory than a chunk for each cruncher, or two, and one in hand.

import { type Actor, type Context, isOrderly, type Pid } from 'beamish';
import type { Buffers } from './buffers.ts';
import type { Chunk } from './chunks.ts';
import { Crew, MOST_TRIES, type Work } from './crew.ts';
import { type FilePart, type FileSystem, reasonOf } from './file-system.ts';
import { type Crunch, type FromCruncher, RECRUITER, type Ready, STATUS } from './messages.ts';
import { whyOf } from './report.ts';

/** Results are counted in order, so they wait for the oldest; this many may wait. */
const MOST_AHEAD = 64;

/**
 * An ordinary text took 0.28 ms more for each 256 KiB that another thread crunched, most of it for fresh memory.
 * A chunk of it is crunched in less than 0.4 ms, and one that is full of addresses in 8 ms.
 */
const MOVE_MS = 1.2;

/** In the average, how many chunks count as recent. */
const RECENT_CHUNKS = 8;

export interface DispatcherOptions {
  readonly files: FileSystem;
  /** When others could have spared this thread so much, more threads are worth their start. Default: never. */
  readonly recruitAfterMs?: number;
  /** What it costs this thread to have a chunk crunched in another one. Default: what was measured. */
  readonly moveMs?: number;
}

export class Dispatcher {
  readonly #self: Context<FromCruncher>;
  readonly #files: FileSystem;
  readonly #buffers: Buffers;
  readonly #crew = new Crew<Pid<Crunch>>();
  readonly #recruitAfterMs: number;
  readonly #moveMs: number;
  /** What other threads could have spared this one, of late; without end once they have been asked for. */
  #sparedMs = 0;
  /** How long a chunk takes, on the average of recent ones. */
  #chunkMs = 0;

  /** @param buffers who get back those of the chunks, once they are crunched. */
  constructor(self: Context<FromCruncher>, buffers: Buffers, options: DispatcherOptions) {
    const { files, recruitAfterMs = Infinity, moveMs = MOVE_MS } = options;
    this.#self = self;
    this.#buffers = buffers;
    this.#files = files;
    this.#recruitAfterMs = recruitAfterMs;
    this.#moveMs = moveMs;
  }

  /** Waits until a cruncher is free, and gives it the chunk, which is from this part of a file. */
  *dispatch(seq: number, chunk: Chunk, part: FilePart | undefined): Actor {
    yield* this.#stayNear(seq);
    yield* this.#give({ seq, chunk, part, spare: undefined, isBegun: false, deaths: 0 });
  }

  /** Counts a chunk that holds nothing: to have it crunched would take longer than to see that. */
  *pass(seq: number, { bytes }: Chunk): Actor {
    yield* this.#stayNear(seq);
    this.#buffers.giveBack(bytes);
    const found = new Int32Array(0);
    this.#self.send(STATUS, { tag: 'crunched', seq, bytes: bytes.length, found });
  }

  /** Waits until all that was given out is done. */
  *finish(): Actor {
    while (!this.#crew.isDone) yield* this.#hear();
  }

  /** Waits until not too many results would have to wait for the oldest. */
  *#stayNear(seq: number): Actor {
    while (seq - this.#crew.oldest > MOST_AHEAD) yield* this.#hear();
  }

  *#give(work: Work): Actor {
    let cruncher: Pid<Crunch> | undefined;
    for (;;) {
      cruncher = this.#crew.assign(work, this.#chunkMs > this.#moveMs ? 'anywhere' : 'here');
      if (cruncher !== undefined) break;
      yield* this.#hear();
    }
    const { seq, chunk } = work;
    const message: Crunch = { tag: 'crunch', seq, chunk };
    if (this.#isHere(cruncher)) return this.#self.send(cruncher, message);
    work.spare = work.part === undefined ? new Uint8Array(chunk.bytes) : undefined;
    yield* this.#self.offer(cruncher, message, { transfer: [chunk.bytes.buffer] });
  }

  /** Takes one message of the crunchers: one has begun, or is free, or has died. */
  *#hear(): Actor {
    const message = yield* this.#self.receive('ready', 'begun', 'DOWN');
    if (message.tag === 'ready') return this.#welcome(message);
    if (message.tag === 'begun') return this.#crew.begun(message.cruncher);
    const work = this.#crew.lost(message.target as Pid<Crunch>);
    if (work === undefined) return;
    const { reason } = message;
    if (work.isBegun && isOwn(reason)) work.deaths++;
    const obstacle = work.deaths < MOST_TRIES ? this.#takeBack(work) : whyOf(reason);
    if (obstacle === undefined) yield* this.#give(work);
    else this.#self.send(STATUS, { tag: 'gave_up', seq: work.seq, reason: obstacle });
  }

  #welcome({ cruncher, crunchedMs }: Ready): void {
    const isHere = this.#isHere(cruncher);
    const done = this.#crew.ready(cruncher, isHere ? 'here' : 'elsewhere');
    if (done === undefined) {
      this.#self.monitor(cruncher);
      return;
    }
    this.#buffers.giveBack(done.chunk.bytes);
    this.#chunkMs += (crunchedMs - this.#chunkMs) / RECENT_CHUNKS;
    if (this.#sparedMs === Infinity || !isHere) return;
    this.#sparedMs = Math.max(0, this.#sparedMs + crunchedMs - this.#moveMs);
    if (this.#sparedMs < this.#recruitAfterMs) return;
    this.#sparedMs = Infinity;
    this.#self.send(RECRUITER, { tag: 'recruit' });
  }

  /** Sees that a chunk is here, to be given again. Says what is in the way, if anything is. */
  #takeBack(work: Work): string | undefined {
    const { chunk, part, spare } = work;
    // What was moved has left nothing.
    if (chunk.bytes.length > 0) return undefined;
    const bytes = part === undefined ? spare : this.#readAgain(part);
    if (typeof bytes !== 'object')
      return `a thread died with it, and it cannot be read again: ${bytes}`;
    work.chunk = { ...chunk, bytes };
    return undefined;
  }

  #readAgain(part: FilePart): Uint8Array<ArrayBuffer> | string {
    try {
      return this.#files.readAgain(part) ?? 'the file has changed';
    } catch (failure) {
      return reasonOf(failure);
    }
  }

  #isHere(cruncher: Pid<Crunch>): boolean {
    return cruncher.system === this.#self.pid.system;
  }
}

/**
 * Whether somebody ended by what they did themselves, and so of their chunk. Who goes down with a thread
 * need not have: the others there are lost with them. A chunk that does end threads does so until no
 * more of them are started.
 */
function isOwn(reason: unknown): boolean {
  return reason !== 'killed' && reason !== 'noconnection' && !isOrderly(reason);
}
