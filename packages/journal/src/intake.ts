/** What was appended and is not written yet, in batches; each has its place already. */

import { Batch } from './batch.ts';
import type { Disk } from './disk.ts';
import type { Entry } from './owner.ts';
import { LAST_SEGMENT, offsetOf, type Position, positionOf, segmentOf } from './position.ts';
import { Segment } from './segment.ts';

export interface Place {
  readonly disk: Disk;
  readonly folder: string;
  readonly format: { readonly name: string; readonly version: number };
  readonly segmentBytes: number;
}

export class Intake {
  readonly #place: Place;
  readonly #queue: Batch[] = [];
  /** The last of the queue, as long as it takes more. */
  #gathering: Batch | undefined;
  /** Where the next batch goes, as long as there is room; undefined where it begins a new one. */
  #segment: Segment | undefined;
  #lastSegment: number;
  #end: Position;
  #ownersEnd: Position;
  #applied: Position;
  #copiesEnd: Position;
  /** Takes all that is appended, while it is to be there as one. */
  #whole: Batch | undefined;
  #spare: Uint8Array | undefined;

  /** Behind `end`, which is in `segment`, if there is one that may be written on. */
  constructor(place: Place, segment: Segment | undefined, lastSegment: number, end: Position) {
    this.#place = place;
    this.#segment = segment;
    this.#lastSegment = lastSegment;
    this.#end = end;
    this.#ownersEnd = end;
    this.#applied = end;
    this.#copiesEnd = end;
  }

  /** Behind the last entry that its owner has appended, and that is not dropped. */
  get ownersEnd(): Position {
    return this.#ownersEnd;
  }

  /** Its owner has applied, or taken back, what lies before; what is behind it perhaps not yet. */
  get applied(): Position {
    return this.#applied;
  }

  set applied(upTo: Position) {
    if (upTo > this.#applied) this.#applied = upTo;
  }

  /** Behind the copies that were appended last, and all that they may depend on. */
  get copiesEnd(): Position {
    return this.#copiesEnd;
  }

  /** Behind the last entry that was appended. */
  get end(): Position {
    return this.#end;
  }

  append(bytes: Uint8Array, isCopy: boolean): Position {
    const batch = this.#whole ?? this.#open();
    const offset = batch.append(bytes, isCopy);
    const { number } = batch.segment;
    this.#end = positionOf(number, batch.end);
    if (!isCopy) this.#ownersEnd = this.#end;
    return positionOf(number, offset);
  }

  /** What was appended by now can be kept without what comes next. */
  endGroup(): void {
    this.#gathering?.endGroup();
  }

  /** There are no more copies that belong together. */
  endCopies(): void {
    this.endGroup();
    this.#copiesEnd = this.#end;
  }

  /** What `work` appends is one group: it is there whole or not at all. */
  together(work: () => void): void {
    const batch = this.#open();
    batch.together(true);
    this.#whole = batch;
    try {
      work();
    } finally {
      this.#whole = undefined;
      batch.together(false);
    }
  }

  /** What waits, or is being written, from there on. */
  *from(at: Position): Generator<Entry> {
    for (const batch of this.#queue)
      for (const entry of batch.entries()) if (entry.at >= at) yield entry;
  }

  /** What is appended from now on goes into a new segment, which begins even if nothing is. */
  turn(): void {
    this.#segment = undefined;
    const { segment } = this.#gather();
    this.#end = positionOf(segment.number, segment.headerLength);
  }

  /** The segment that `at` lies in, if anything is to be written to it. */
  having(at: Position): Segment | undefined {
    return this.#queue.find(({ segment }) => segment.number === segmentOf(at))?.segment;
  }

  /** Of what waits there, or is being written; undefined if no entry begins there. */
  read(at: Position): Uint8Array | undefined {
    const offset = offsetOf(at);
    return this.#queue
      .find(({ segment, from, end }) => {
        return segment.number === segmentOf(at) && from <= offset && offset < end;
      })
      ?.read(offset);
  }

  /** Where what is written next goes. */
  get nextSegment(): Segment | undefined {
    return this.#queue[0]?.segment;
  }

  /** To be written next. It takes no more; but there it still is, until it was written. */
  next(): Batch | undefined {
    const first = this.#queue[0];
    if (first === this.#gathering) this.#gathering = undefined;
    return first;
  }

  written(): void {
    const batch = this.#queue.shift();
    this.#spare = batch?.spare ?? this.#spare;
  }

  /** Nothing of it will be written, and no more behind it: `kept` is the end again. */
  drop(kept: Position): void {
    for (const batch of this.#queue) batch.dropped();
    this.#queue.length = 0;
    this.#gathering = undefined;
    this.#segment = undefined;
    this.#end = kept;
    this.#ownersEnd = Math.min(this.#ownersEnd, kept);
    this.#copiesEnd = Math.min(this.#copiesEnd, kept);
  }

  /**
   * A segment that goes before all that is appended from now on.
   *
   * @throws RangeError when the numbers are used up.
   */
  plan(): Segment {
    const { disk, folder, format } = this.#place;
    if (this.#lastSegment === LAST_SEGMENT) {
      throw new RangeError(
        `Cannot append to the journal in "${folder}": it has had ${LAST_SEGMENT} segments, and their numbers are used up`,
      );
    }
    this.#lastSegment++;
    return new Segment(folder, {
      number: this.#lastSegment,
      salt: disk.salt() >>> 0,
      owner: format.name,
      ownerVersion: format.version,
    });
  }

  #open(): Batch {
    return this.#gathering !== undefined && this.#gathering.end <= this.#place.segmentBytes
      ? this.#gathering
      : this.#gather();
  }

  #gather(): Batch {
    const end = this.#queue.at(-1)?.end ?? this.#segment?.end ?? 0;
    if (this.#segment === undefined || end > this.#place.segmentBytes) {
      this.#segment = this.plan();
      this.#gathering = new Batch(this.#segment, this.#segment.headerLength, this.#spare);
    } else {
      this.#gathering = new Batch(this.#segment, end, this.#spare);
    }
    this.#spare = undefined;
    this.#queue.push(this.#gathering);
    return this.#gathering;
  }
}
