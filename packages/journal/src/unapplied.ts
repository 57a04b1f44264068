/** What an owner may not have applied yet: its entries that it was not answered for when it asked last. */

import type { Steps } from './answer.ts';
import type { Disk } from './disk.ts';
import { ENTRY_HEADER } from './group.ts';
import type { Intake } from './intake.ts';
import type { Entry } from './owner.ts';
import { type Position, positionOf } from './position.ts';
import type { Segments } from './segments.ts';
import { entriesIn, readGroup } from './stored-group.ts';

interface Places {
  readonly disk: Disk;
  readonly segments: Segments;
  readonly intake: Intake;
}

/** As it is when nothing has to be waited for any more: what was written is read again, since it is not kept in memory. */
export function* unapplied({ disk, segments, intake }: Places): Steps<Entry[]> {
  const found: Entry[] = [];
  let from: Position = intake.applied;
  while (from < intake.ownersEnd) {
    const next = segments.groupFrom(from);
    const group = next && (yield* readGroup(disk, next.segment, next.index));
    if (next === undefined || group === undefined) break;
    found.push(...entriesIn(next.segment, [group]));
    from = positionOf(next.segment.number, group.offset + group.bytes.length);
  }
  for (const entry of intake.from(from)) found.push(entry);
  return found.filter(({ at, isCopy }) => !isCopy && at >= intake.applied);
}

/** In a group. */
export function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { bytes }) => sum + ENTRY_HEADER + bytes.length, 0);
}
