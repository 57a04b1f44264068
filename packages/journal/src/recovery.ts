/**
 * Opening: has each entry replayed, and tells a write that was not finished from damage.
 *
 * Everything up to the group that the header of the next segment names had been synced, and so had, in
 * the last segment, all up to the last group that a later one names. What does not check there is damage.
 * Behind that, the first group that does not check, and all behind it, were never told to be on disk: they
 * are cut. Nothing in the folder is changed before all has been read.
 */

import type { Steps } from './answer.ts';
import { ask, type Disk } from './disk.ts';
import { JournalDamaged } from './errors.ts';
import { FileWindow } from './file-window.ts';
import { ENTRY_HEADER, entriesOf, groupHeader } from './group.ts';
import { groupAt, hadBeenSynced } from './group-reader.ts';
import type { JournalEvent, Owner } from './owner.ts';
import { Segment } from './segment.ts';
import { findSegments, type SegmentFile } from './segment-files.ts';
import { fileNameOf, headerLength } from './segment-header.ts';
import { Segments } from './segments.ts';

export interface Source {
  readonly disk: Disk;
  readonly folder: string;
  readonly owner: Owner;
  readonly damage: 'refuse' | 'skip';
}

/** What is there, and where the journal goes on. */
export interface Recovered {
  readonly segments: Segments;
  /** The last one, if it may be written on. */
  readonly current: Segment | undefined;
  readonly lastSegment: number;
  readonly lastGroup: number;
  /** To be told when the journal is open. */
  readonly events: readonly JournalEvent[];
}

/** @throws JournalFailed, JournalRefused, JournalDamaged, and what the owner's `replay` throws. */
export function* recover(source: Source): Steps<Recovered> {
  const files = yield* findSegments(source.disk, source.folder, source.owner);
  const lastSegment = files.at(-1)?.number ?? 0;
  const empty = (yield* isEmpty(source.disk, files.at(-1))) ? files.pop() : undefined;
  const recovery = new Recovery(source);
  for (const [i, file] of files.entries()) yield* recovery.take(file, files[i + 1], empty);
  const isGivenUp = empty !== undefined && !recovery.canGoOnIn(empty);
  if (empty !== undefined && !isGivenUp) yield* recovery.take(empty);
  const end = yield* recovery.mend();
  if (isGivenUp) yield* recovery.remove(empty);
  const { segments, lastGroup, events } = recovery;
  // It was begun because the one before it was closed.
  return { segments, current: isGivenUp ? undefined : end, lastSegment, lastGroup, events };
}

/**
 * Whether no group was ever finished in the last segment. Then it does not say yet that what is behind in
 * the one before is no part of the journal: that may be about to be written anew.
 */
function* isEmpty(disk: Disk, last: SegmentFile | undefined): Steps<boolean> {
  if (last === undefined) return false;
  if (last.header === undefined) return !last.hasMore;
  const window = new FileWindow(disk, last.file);
  const { owner, salt, after } = last.header;
  const offset = headerLength(owner);
  if (typeof (yield* groupAt(window, offset, salt, after + 1)) !== 'string') return false;
  return !(yield* hadBeenSynced(window, offset, salt, after + 1));
}

/** What the last segment that was taken ends with. */
type End =
  | { readonly kind: 'whole'; readonly segment: Segment }
  /** A write was not finished. */
  | { readonly kind: 'torn'; readonly segment: Segment; readonly size: number }
  | { readonly kind: 'damaged' };

class Recovery {
  readonly segments = new Segments();
  readonly events: JournalEvent[] = [];
  lastGroup = 0;
  #syncedGroup = 0;
  readonly #source: Source;
  #end: End | undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Up to the group that `next` goes on from; if there is only an empty one behind it, as far as it goes. */
  *take(found: SegmentFile, next?: SegmentFile, empty?: SegmentFile): Steps<void> {
    const { header, file } = found;
    const window = new FileWindow(this.#source.disk, file);
    if (header === undefined) return yield* this.#passOver(found, window);
    const segment = new Segment(this.#source.folder, header);
    this.segments.add(segment);
    segment.end = segment.headerLength;
    this.#end = { kind: 'whole', segment };
    this.lastGroup = header.after;
    this.#syncedGroup = header.after;
    const most = next?.header?.after ?? Number.POSITIVE_INFINITY;
    const stop = yield* this.#replay(segment, most, window);
    const missing = this.lastGroup + 1;
    const behind = next ?? empty;
    if (behind?.header !== undefined && this.lastGroup < behind.header.after) {
      const what = `group ${missing} had been synced, and is not there`;
      const isGone = stop === 'end' && behind.number > found.number + 1;
      if (!isGone) return yield* this.#damaged(file, segment.end, what, window);
      return yield* this.#damaged(this.#path(found.number + 1), 0, what);
    }
    if (stop !== 'bad') return;
    if (next !== undefined || (yield* hadBeenSynced(window, segment.end, header.salt, missing))) {
      const what = `group ${missing} had been synced, and does not check`;
      return yield* this.#damaged(file, segment.end, what, window);
    }
    this.#end = { kind: 'torn', segment, size: yield* window.end(segment.end) };
  }

  /** Whether what was taken is what it goes on from. */
  canGoOnIn({ header }: SegmentFile): boolean {
    return header !== undefined && this.#end?.kind !== 'torn' && this.lastGroup <= header.after;
  }

  /** Cuts off what is not part of the journal, and answers with the segment that may be written on. */
  *mend(): Steps<Segment | undefined> {
    const { disk, owner } = this.#source;
    if (this.#end === undefined || this.#end.kind === 'damaged') return undefined;
    const { segment } = this.#end;
    const { file, end } = segment;
    if (this.#end.kind === 'torn') {
      const bytesCut = this.#end.size - end;
      yield* ask('cut', file, () => disk.cut(file, end));
      this.events.push({ kind: 'repaired', file, offset: end, bytesCut });
    }
    yield* this.#writeAgain(segment);
    // What was cut must not come back behind what will be written in its place.
    yield* ask('sync', file, () => disk.sync(file));
    return segment.identity.ownerVersion === owner.format.version ? segment : undefined;
  }

  /**
   * What no group says to have been synced may be in the system's memory alone; and if a sync had failed, the
   * system may hold it for clean, and a sync would leave it there. The same goes for a header without a group.
   */
  *#writeAgain({ file, end, groups, isEmpty }: Segment): Steps<void> {
    const { disk } = this.#source;
    const unknown = this.lastGroup - this.#syncedGroup;
    const from = isEmpty ? 0 : groups.at(groups.length - unknown);
    if (from === undefined) return;
    const bytes = yield* ask('read', file, () => disk.read(file, from, end - from));
    yield* ask('write', file, () => disk.write(file, from, bytes));
  }

  *remove({ file }: SegmentFile): Steps<void> {
    const { disk } = this.#source;
    const bytesCut = yield* new FileWindow(disk, file).end(0);
    yield* ask('remove', file, () => disk.remove(file));
    this.events.push({ kind: 'repaired', file, offset: 0, bytesCut });
  }

  *#replay(segment: Segment, last: number, window: FileWindow): Steps<'last' | 'end' | 'bad'> {
    const { owner } = this.#source;
    const { salt, ownerVersion } = segment.identity;
    while (this.lastGroup < last) {
      const group = yield* groupAt(window, segment.end, salt, this.lastGroup + 1);
      if (typeof group === 'string') return group;
      for (const entry of entriesOf(group, segment.number, segment.end)) {
        segment.count(1, ENTRY_HEADER + entry.bytes.length);
        owner.replay(entry, ownerVersion);
      }
      segment.groups.push(segment.end);
      segment.end += group.length;
      this.lastGroup++;
      this.#syncedGroup = Math.max(this.#syncedGroup, groupHeader(group)?.synced ?? 0);
    }
    return 'last';
  }

  /** Its header is bad. It is kept as a segment without groups, so that compaction drops it one day. */
  *#passOver({ number, file }: SegmentFile, window: FileWindow): Steps<void> {
    yield* this.#damaged(file, 0, 'its header does not check', window);
    const { name, version } = this.#source.owner.format;
    const identity = { number, salt: 0, owner: name, ownerVersion: version };
    const segment = new Segment(this.#source.folder, identity);
    segment.end = yield* window.end(0);
    this.segments.add(segment);
  }

  *#damaged(file: string, offset: number, what: string, window?: FileWindow): Steps<void> {
    if (this.#source.damage === 'refuse') throw new JournalDamaged(file, offset, what);
    const bytesSkipped = window === undefined ? 0 : (yield* window.end(offset)) - offset;
    this.events.push({ kind: 'damaged', file, offset, bytesSkipped });
    this.#end = { kind: 'damaged' };
  }

  #path(segment: number): string {
    return `${this.#source.folder}/${fileNameOf(segment)}`;
  }
}
