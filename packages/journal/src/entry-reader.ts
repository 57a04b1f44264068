/** Reads single entries, by their positions. */

import type { Steps } from './answer.ts';
import type { Disk } from './disk.ts';
import { JournalFailed } from './errors.ts';
import { entryAt, FULL_GROUP } from './group.ts';
import type { Intake } from './intake.ts';
import { offsetOf, type Position } from './position.ts';
import type { Segment } from './segment.ts';
import type { Segments } from './segments.ts';
import { readGroup, type StoredGroup } from './stored-group.ts';

export class EntryReader {
  readonly #disk: Disk;
  readonly #segments: Segments;
  readonly #intake: Intake;
  /** Was read last: who reads one entry often reads the next one, too. */
  #last:
    | { readonly segment: Segment; readonly index: number; readonly group: StoredGroup }
    | undefined;

  constructor(disk: Disk, segments: Segments, intake: Intake) {
    this.#disk = disk;
    this.#segments = segments;
    this.#intake = intake;
  }

  /** @throws RangeError, JournalDamaged, JournalFailed */
  *read(at: Position): Steps<Uint8Array> {
    const bytes = this.#intake.read(at) ?? (yield* this.#stored(at));
    if (bytes === undefined) {
      throw new RangeError(`Cannot read the entry at ${at}: none begins there, or it was moved`);
    }
    return bytes.slice();
  }

  *#stored(at: Position): Steps<Uint8Array | undefined> {
    const segment = this.#segments.having(at);
    const offset = offsetOf(at);
    if (segment === undefined || offset >= segment.end || offset < segment.movedTo)
      return undefined;
    const index = segment.groups.lastUpTo(offset);
    const group = yield* this.#group(segment, index);
    return group === undefined ? undefined : entryAt(group.bytes, offset - group.offset);
  }

  *#group(segment: Segment, index: number): Steps<StoredGroup | undefined> {
    if (this.#last?.segment === segment && this.#last.index === index) return this.#last.group;
    try {
      const group = yield* readGroup(this.#disk, segment, index);
      if (group === undefined) return undefined;
      // A large one is no neighbour's, and would stay for as long as nobody reads.
      this.#last = group.bytes.length <= 2 * FULL_GROUP ? { segment, index, group } : undefined;
      return group;
    } catch (error) {
      // It was compacted away meanwhile.
      if (error instanceof JournalFailed && !this.#segments.has(segment)) return undefined;
      throw error;
    }
  }
}
