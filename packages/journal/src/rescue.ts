/**
 * What becomes of entries that were answered for with `'os'` when a sync fails. The system may have given
 * up what it had not written to the disk, and say from then on that nothing is left to write. So these
 * entries are read back, as long as the system has them, and written to a new segment.
 */

import type { Steps } from './answer.ts';
import { Batch } from './batch.ts';
import type { Disk } from './disk.ts';
import { JournalDamaged, JournalFailed } from './errors.ts';
import { entriesOf } from './group.ts';
import type { Entry } from './owner.ts';
import { offsetOf, type Position, positionOf } from './position.ts';
import type { Segment } from './segment.ts';
import { readGroup, type StoredGroup } from './stored-group.ts';

export interface Rescue {
  /** Begins where nothing is synced, and ends behind the last entry that was answered for. */
  readonly from: Segment;
  readonly begin: Position;
  readonly end: Position;
  /** Planned before anything that was appended after the failure. */
  readonly into: Segment;
}

/** An entry that has another place now. */
export interface Moved {
  readonly entry: Entry;
  readonly to: Position;
}

/**
 * What is to be written instead.
 *
 * @throws JournalFailed, also if the system has not kept what it was given.
 */
export function* rescued({ from, begin, end, into }: Rescue, disk: Disk): Steps<[Batch, Moved[]]> {
  // A single group: it is there whole or not at all, and until it is, the original is.
  const batch = new Batch(into, into.headerLength, undefined, Number.POSITIVE_INFINITY);
  const moved: Moved[] = [];
  for (let i = from.groups.lastUpTo(offsetOf(begin) - 1) + 1; ; i++) {
    const group = yield* readAgain(disk, from, i);
    if (group === undefined) return [batch, moved];
    for (const entry of entriesOf(group.bytes, from.number, group.offset)) {
      if (entry.at >= end) return [batch, moved];
      const offset = batch.append(entry.bytes, entry.isCopy);
      moved.push({ entry, to: positionOf(into.number, offset) });
    }
  }
}

function* readAgain(disk: Disk, from: Segment, index: number): Steps<StoredGroup | undefined> {
  try {
    return yield* readGroup(disk, from, index);
  } catch (error) {
    if (error instanceof JournalDamaged) throw new JournalFailed('read again', from.file, error);
    throw error;
  }
}
