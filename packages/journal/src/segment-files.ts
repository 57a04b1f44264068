/** Which segments are in a folder, and whether this owner may have them. */

import type { Steps } from './answer.ts';
import { ask, type Disk } from './disk.ts';
import { JournalRefused } from './errors.ts';
import type { Owner } from './owner.ts';
import {
  decodeHeader,
  FORMAT_VERSION,
  headerLength,
  LONGEST_HEADER,
  type SegmentHeader,
  segmentNamed,
} from './segment-header.ts';

export interface SegmentFile {
  readonly number: number;
  readonly file: string;
  /** Undefined if it is not as it was written, or was not finished. */
  readonly header: SegmentHeader | undefined;
  /** Whether there can be a group in it: those are written when the header has been synced. */
  readonly hasMore: boolean;
}

/**
 * In the order of their numbers.
 *
 * @throws JournalRefused
 */
export function* findSegments(disk: Disk, folder: string, owner: Owner): Steps<SegmentFile[]> {
  const names = yield* ask('list', folder, () => disk.list(folder));
  const found: SegmentFile[] = [];
  for (const name of [...names].sort()) {
    const number = segmentNamed(name);
    if (number === undefined) continue;
    const file = `${folder}/${name}`;
    const bytes = yield* ask('read', file, () => disk.read(file, 0, LONGEST_HEADER));
    const header = acceptable(bytes, file, owner);
    found.push({
      number,
      file,
      header: header?.number === number ? header : undefined,
      hasMore: bytes.length > headerLength(owner.format.name),
    });
  }
  return found;
}

function acceptable(bytes: Uint8Array, file: string, owner: Owner): SegmentHeader | undefined {
  const first = decodeHeader(bytes);
  switch (first.kind) {
    case 'bad':
      return undefined;
    case 'no_journal':
      throw new JournalRefused('no_journal', file, 'it is no segment of a journal');
    case 'later_version':
      throw new JournalRefused(
        'later_version',
        file,
        `its format is a later one than version ${FORMAT_VERSION}, which is read here`,
      );
    case 'header':
      checkOwner(first.header, file, owner);
      return first.header;
  }
}

function checkOwner(header: SegmentHeader, file: string, { format }: Owner): void {
  if (header.owner !== format.name) {
    throw new JournalRefused(
      'other_owner',
      file,
      `it belongs to "${header.owner}", not to "${format.name}"`,
    );
  }
  if (header.ownerVersion > format.version) {
    throw new JournalRefused(
      'later_version',
      file,
      `it is of version ${header.ownerVersion} of "${format.name}", and ${format.version} is the latest read here`,
    );
  }
}
