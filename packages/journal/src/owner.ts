/** The words between a journal and its owner, who keeps the state. */

import type { Position } from './position.ts';

/** What was appended in one call: it is there whole or not at all. */
export interface Entry {
  /** Where it stands. */
  readonly at: Position;
  /** A view of what was read, up to 256 KiB at once: `slice` what you keep for long. Never changes. */
  readonly bytes: Uint8Array;
  /** Compaction put it here: it is older than the entries around it. */
  readonly isCopy: boolean;
}

/**
 * Who keeps the state. None of these may throw, or wait; what `replay` throws, `openJournal` throws.
 *
 * An owner that applies an entry before it is kept takes it back when its commit fails. Until a commit
 * that was asked for after the failure has been answered, nothing is compacted: so `isLive` is not asked
 * before an owner that waits for its commits has done that.
 *
 * An owner that applies an entry only when its commit was answered has done so when it appends, commits or
 * compacts again. Until then the entry counts as not applied, and no copy of what it may replace or remove is
 * told behind it: where such a copy was made, one of the entry itself follows it.
 */
export interface Owner {
  /** Who may open it: another name, or a later version, is refused. An earlier version is the owner's to read. A whole number up to 65,535. */
  readonly format: { readonly name: string; readonly version: number };
  /**
   * Every entry that was kept and is still there, in the order of positions: dead ones too, as far as their
   * segment is, and one that was copied perhaps twice. So entries carry the owner's own ids and numbers, and
   * what is told again changes nothing. `version` is that of the owner's format when it was written.
   */
  replay(entry: Entry, version: number): void;
  /**
   * Whether anything in it is still wanted. Asked of each entry of the oldest segment when it is compacted.
   * An entry that only takes back earlier ones never is: when it is asked of, no earlier one is left.
   * If it throws, the segment stays.
   */
  isLive(entry: Entry): boolean;
  /** A live entry was copied, and the copy is kept: from now on `to` is its place. */
  moved(entry: Entry, to: Position): void;
  /** What happens to the journal. Its owner makes reports and events of its own of it. */
  tell?(event: JournalEvent): void;
}

/** What a journal tells of: at its opening, at compaction, and when a write or a sync has failed. */
export type JournalEvent =
  /** The last write had not been finished when its process ended: nobody had been told that it was kept. */
  | {
      readonly kind: 'repaired';
      readonly file: string;
      readonly offset: number;
      readonly bytesCut: number;
    }
  /**
   * With `damage: 'skip'`, at open. Or compaction found it later: then the segment stays, nothing is skipped
   * (0), and no more is compacted until the journal is opened again.
   */
  | {
      readonly kind: 'damaged';
      readonly file: string;
      readonly offset: number;
      readonly bytesSkipped: number;
    }
  /** So many segments are gone; `freedBytes` is what they had, less what was copied. */
  | {
      readonly kind: 'compacted';
      readonly segments: number;
      readonly copied: number;
      readonly freedBytes: number;
    }
  /** A write or a sync failed. Once; then `recovered` when a commit is answered again. */
  | { readonly kind: 'failed'; readonly code: string; readonly file: string }
  | { readonly kind: 'recovered' };
