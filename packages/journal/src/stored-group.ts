/** Reads a group again that is known to be there. */

import type { Steps } from './answer.ts';
import { ask, type Disk } from './disk.ts';
import { JournalDamaged } from './errors.ts';
import { checks, entriesOf, GROUP_HEADER, groupHeader } from './group.ts';
import type { Entry } from './owner.ts';
import type { Segment } from './segment.ts';

export interface StoredGroup {
  /** In its segment. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * The group with this index in its segment; undefined if there is none.
 *
 * @throws JournalFailed, JournalDamaged
 */
export function* readGroup(
  disk: Disk,
  segment: Segment,
  index: number,
): Steps<StoredGroup | undefined> {
  const { file, groups, identity } = segment;
  const offset = groups.at(index);
  if (offset === undefined) return undefined;
  const length = (groups.at(index + 1) ?? segment.end) - offset;
  const bytes = yield* ask('read', file, () => disk.read(file, offset, length));
  const header = bytes.length < GROUP_HEADER ? undefined : groupHeader(bytes);
  if (header?.length !== bytes.length || bytes.length !== length || !checks(bytes, identity.salt)) {
    throw new JournalDamaged(file, offset, 'a group that had been kept does not check');
  }
  return { offset, bytes };
}

export function* entriesIn(segment: Segment, groups: readonly StoredGroup[]): Generator<Entry> {
  for (const { bytes, offset } of groups) yield* entriesOf(bytes, segment.number, offset);
}
