/**
 * The end of the log, on the disk: segments begin there, batches are written, and synced. A segment is
 * synced before the next one is made, and a header before a group is written behind it. So whatever stands
 * before a header, or before a group that says so, had been synced by then.
 *
 * After a failure the segment is closed, and what is not kept cut off before anything else is written.
 */

import type { Steps } from './answer.ts';
import type { Batch } from './batch.ts';
import { ask, type Disk } from './disk.ts';
import { offsetOf, type Position, positionOf, segmentOf } from './position.ts';
import { type Moved, type Rescue, rescued } from './rescue.ts';
import type { Segment } from './segment.ts';
import { encodeHeader } from './segment-header.ts';
import type { Segments } from './segments.ts';

export class Tail {
  readonly #disk: Disk;
  readonly #segments: Segments;
  /** Was written to last. */
  #current: Segment | undefined;
  #written: Position;
  #synced: Position;
  /** Numbers of the last group that was written, and that was synced. */
  #lastGroup: number;
  #syncedGroup: number;
  #bytesWritten = 0;
  /** A sync of the current segment failed: nothing that a later one says of it is believed. */
  #isPoisoned = false;
  /** Files that were begun, and are to be removed if they cannot be finished. */
  readonly #unfinished = new Set<string>();
  /** A failure may have left something behind its end. */
  #frayed: Segment | undefined;
  /** What has to be written anew. */
  #rescue: Rescue | undefined;
  /** Behind what was written anew last. */
  #anew: Position = 0;
  #moved: Moved[] = [];

  /** Writes on in `current`, if there is one, behind all that there is. */
  constructor(disk: Disk, segments: Segments, current: Segment | undefined, lastGroup: number) {
    this.#disk = disk;
    this.#segments = segments;
    this.#current = current;
    this.#lastGroup = lastGroup;
    this.#syncedGroup = lastGroup;
    this.#written = segments.end;
    this.#synced = this.#written;
  }

  get current(): Segment | undefined {
    return this.#current;
  }

  /** Behind what was written. */
  get written(): Position {
    return this.#written;
  }

  /** Behind what was synced. */
  get synced(): Position {
    return this.#synced;
  }

  /** In all, since it was opened. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** A sync is of no use before what the current segment has was written anew. */
  get isPoisoned(): boolean {
    return this.#isPoisoned;
  }

  /** Once nothing of it was under way. Mends first what a failure has left. */
  *write(batch: Batch | undefined): Steps<void> {
    yield* this.#mend();
    if (batch === undefined) return;
    const { segment, from } = batch;
    if (segment !== this.#current) yield* this.#begin(segment);
    if (batch.groups === 0) return;
    const bytes = batch.seal(this.#lastGroup + 1, this.#syncedGroup);
    yield* ask('write', segment.file, () => this.#disk.write(segment.file, from, bytes));
    batch.written();
    this.#lastGroup += batch.groups;
    this.#bytesWritten += bytes.length;
    this.#written = positionOf(segment.number, batch.end);
  }

  /** Syncs what was written by now. */
  *sync(): Steps<void> {
    if (this.#synced !== this.#written) yield* this.#syncAll();
  }

  *#syncAll(): Steps<void> {
    const current = this.#current;
    if (current === undefined) return;
    const [written, group] = [this.#written, this.#lastGroup];
    try {
      yield* ask('sync', current.file, () => this.#disk.sync(current.file));
    } catch (error) {
      this.#isPoisoned = true;
      throw error;
    }
    this.#synced = written;
    this.#syncedGroup = group;
  }

  /**
   * Something failed: closes the segment, and answers with the end of what is kept, which is what was
   * answered for, or will be: up to `promised`. What of that is not synced, though a sync failed, is to be
   * moved to a segment that `plan` makes.
   */
  fail(promised: Position, plan: () => Segment): Position {
    const current = this.#current;
    if (current === undefined) return this.#written;
    const kept = Math.max(promised, this.#anew);
    if (this.#isPoisoned && kept > this.#synced) {
      this.#frayed = current;
      this.#lastGroup = this.#syncedGroup;
      this.#rescue = { from: current, begin: this.#synced, end: kept, into: plan() };
    } else {
      this.#cutBack(kept);
      this.#isPoisoned = false;
      this.#rescue = undefined;
    }
    this.#written = kept;
    return kept;
  }

  /** Down from the newest, so that at no time one is missing in the middle. */
  #cutBack(kept: Position): void {
    for (const segment of this.#segments.behind(kept)) {
      this.#lastGroup -= segment.groups.length;
      this.#segments.drop(segment);
      this.#unfinished.add(segment.file);
    }
    const last = this.#segments.having(kept);
    const before = this.#lastGroup;
    if (last !== undefined) {
      const { length } = last.groups;
      last.cut(offsetOf(kept));
      this.#lastGroup -= length - last.groups.length;
    }
    const isFrayed = last === this.#current || this.#lastGroup < before;
    this.#frayed = isFrayed ? last : undefined;
    this.#current = last;
    this.#synced = Math.min(this.#synced, kept);
    this.#syncedGroup = Math.min(this.#syncedGroup, this.#lastGroup);
  }

  /** Entries that got another place, each told once. */
  takeMoved(): readonly Moved[] {
    const moved = this.#moved;
    if (moved.length > 0) this.#moved = [];
    return moved;
  }

  *#begin(segment: Segment): Steps<void> {
    yield* this.sync();
    yield* this.#make(segment);
    this.#unfinished.delete(segment.file);
    this.#segments.add(segment);
    segment.end = segment.headerLength;
    this.#goOn(segment);
  }

  /** A file with its header, which goes on from what was synced. */
  *#make({ file, identity }: Segment): Steps<void> {
    const header = encodeHeader({ ...identity, after: this.#syncedGroup });
    this.#unfinished.add(file);
    yield* ask('write', file, () => this.#disk.write(file, 0, header));
    yield* ask('sync', file, () => this.#disk.sync(file));
  }

  /** All that is in it is synced. */
  #goOn(segment: Segment): void {
    this.#current = segment;
    this.#written = positionOf(segment.number, segment.end);
    this.#synced = this.#written;
  }

  *#mend(): Steps<void> {
    for (const file of this.#unfinished) {
      yield* ask('remove', file, () => this.#disk.remove(file));
      this.#unfinished.delete(file);
    }
    if (this.#rescue !== undefined) yield* this.#writeAnew(this.#rescue);
    // Compaction may have dropped it, once what it had was written anew.
    if (this.#frayed === undefined || !this.#segments.has(this.#frayed)) return;
    const { file, end } = this.#frayed;
    yield* ask('cut', file, () => this.#disk.cut(file, end));
    // It must not come back when more is there.
    if (this.#frayed === this.#current) yield* this.#syncAll();
    else yield* ask('sync', file, () => this.#disk.sync(file));
    this.#frayed = undefined;
  }

  *#writeAnew(rescue: Rescue): Steps<void> {
    const { from, into } = rescue;
    const [batch, moved] = yield* rescued(rescue, this.#disk);
    yield* this.#make(into);
    const bytes = batch.seal(this.#syncedGroup + 1, this.#syncedGroup);
    yield* ask('write', into.file, () => this.#disk.write(into.file, batch.from, bytes));
    yield* ask('sync', into.file, () => this.#disk.sync(into.file));
    this.#unfinished.delete(into.file);
    this.#segments.add(into);
    batch.written();
    this.#syncedGroup += batch.groups;
    this.#lastGroup = this.#syncedGroup;
    from.cut(this.#syncedEnd(from));
    this.#goOn(into);
    this.#anew = this.#written;
    this.#isPoisoned = false;
    this.#rescue = undefined;
    this.#moved.push(...moved);
  }

  #syncedEnd({ number, headerLength }: Segment): number {
    return segmentOf(this.#synced) === number ? offsetOf(this.#synced) : headerLength;
  }
}
