/**
 * Compaction by copying forward, oldest segment first. What is live in it is appended again; when the copy
 * is on disk, its owner hears of the new place, and when the whole segment was dealt with, it is removed.
 *
 * An entry is judged dead by what its owner has applied, which may be appended and not kept yet. So before a
 * piece counts as dealt with, all that was appended before it was judged is on disk; if that fails, the
 * piece is judged again. As the oldest segment goes first, what an entry takes back is gone before it.
 */

import { type Answer, run, type Steps, wait } from './answer.ts';
import type { Commits } from './commits.ts';
import { ask, type Disk } from './disk.ts';
import { JournalDamaged, JournalFailed } from './errors.ts';
import { ENTRY_HEADER, entriesOf } from './group.ts';
import type { Intake } from './intake.ts';
import type { JournalEvent, Owner } from './owner.ts';
import type { Moved } from './rescue.ts';
import type { Segment } from './segment.ts';
import type { Segments } from './segments.ts';
import { readGroup, type StoredGroup } from './stored-group.ts';
import type { Tail } from './tail.ts';

/** So much is read and judged before others have their turn. */
const PIECE = 256 * 1024;
/** So much more is dealt with than was written since: if at most a quarter is live, it gets less. */
const HASTE = 4;
/** It begins when the whole is so many times what is live, early enough that it never is four times. */
const MOST = 3;
/** It ends when it is no more than this. */
const ENOUGH = 2;
/** With fewer segments there is not much to be had. */
const FEWEST = 3;

export interface Compacted {
  /** Entries. */
  readonly copied: number;
  /** What the segments had that are gone, less what was copied. */
  readonly freedBytes: number;
}

export interface Parts {
  readonly disk: Disk;
  readonly owner: Owner;
  readonly segments: Segments;
  readonly intake: Intake;
  readonly tail: Tail;
  readonly commits: Commits;
  readonly segmentBytes: number;
  tell(event: JournalEvent): void;
}

export class Compaction {
  readonly #parts: Parts;
  /** Index of the first group of the oldest segment that was not dealt with. */
  #group = 0;
  /** Number of the last segment that it is to deal with by itself. Behind it are its own copies. */
  #last = 0;
  /** Somebody else's doing keeps it from going on by itself. */
  #isStopped = false;
  #isEnding = false;
  #isUnderWay = false;
  #ending: Promise<void> | undefined;
  #bytesWritten = 0;
  /** Since it was told last. */
  #segments = 0;
  #copied = 0;
  #freedBytes = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** One step, if one is due. To be called after a commit. */
  goOn(): void {
    if (this.#isUnderWay || this.#isStopped) return;
    if (this.#parts.commits.failure !== undefined) return;
    if (this.#last === 0 && !this.#isDue()) return;
    const failed = (error: unknown): void => this.#stop(error);
    try {
      const answer = this.#start(this.#step());
      if (answer instanceof Promise) answer.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Until it is enough, or all that is there now was dealt with. */
  compact(): Answer<Compacted> {
    if (this.#ending !== undefined) return this.#ending.then(() => this.compact());
    // On a disk that answers at once, only its owner's functions can ask meanwhile.
    if (this.#isUnderWay) return { copied: 0, freedBytes: 0 };
    return this.#start(this.#everything());
  }

  /** No more from now on but what is under way; answers when that has ended. */
  end(): Answer<void> {
    this.#isStopped = true;
    this.#isEnding = true;
    return this.#ending;
  }

  #start<T>(steps: Steps<T>): Answer<T> {
    const ended = (): void => {
      this.#isUnderWay = false;
      this.#ending = undefined;
    };
    this.#isUnderWay = true;
    let answer: Answer<T>;
    try {
      answer = run(steps);
    } catch (error) {
      ended();
      throw error;
    }
    if (answer instanceof Promise) this.#ending = answer.then(ended, ended);
    else ended();
    return answer;
  }

  #stop(error: unknown): void {
    // It was told already, and the next commit tries again.
    if (error instanceof JournalFailed) return;
    this.#isStopped = true;
    if (!(error instanceof JournalDamaged)) {
      // What its owner threw, who has broken its word: as if nothing had stood in between.
      void Promise.reject(error);
      return;
    }
    const { file, offset } = error;
    this.#parts.tell({ kind: 'damaged', file, offset, bytesSkipped: 0 });
  }

  #isDue(): boolean {
    const { segments, tail } = this.#parts;
    const isDue = segments.count >= FEWEST && segments.looseness > MOST;
    if (isDue) this.#last = (tail.current?.number ?? 0) - 1;
    return isDue;
  }

  *#step(): Steps<void> {
    const { segments, tail } = this.#parts;
    let allowed = Math.max(PIECE, HASTE * (tail.bytesWritten - this.#bytesWritten));
    this.#bytesWritten = tail.bytesWritten;
    while (allowed > 0) {
      const { oldest } = segments;
      if (oldest === undefined || oldest.number > this.#last || segments.looseness <= ENOUGH) {
        this.#last = 0;
        this.#tell();
        return;
      }
      allowed -= yield* this.#dealWith(oldest);
    }
  }

  *#everything(): Steps<Compacted> {
    const { segments, intake, tail, commits } = this.#parts;
    // An owner that has been answered since a failure knows of it.
    if (commits.failure !== undefined) intake.turn();
    yield* wait(commits.commit('disk'));
    const { current } = tail;
    // So that no copy is copied again.
    if (segments.looseness > ENOUGH) {
      intake.turn();
      yield* wait(commits.commit('disk'));
    }
    const last = current?.number ?? 0;
    for (;;) {
      const { oldest } = segments;
      if (oldest === undefined || oldest === tail.current || oldest.number > last) break;
      if (this.#isEnding || segments.looseness <= ENOUGH) break;
      while (segments.oldest === oldest && !this.#isEnding) yield* this.#dealWith(oldest);
    }
    this.#last = 0;
    return this.#tell();
  }

  /** With a piece of the oldest segment. Answers with its bytes; when none are left, removes it. */
  *#dealWith(segment: Segment): Steps<number> {
    const { owner, intake, commits, segments } = this.#parts;
    const groups = yield* this.#read(segment);
    // What was dropped may have been applied, and not be taken back yet.
    if (commits.failure !== undefined) throw commits.failure;
    if (groups.length === 0) return yield* this.#remove(segment);
    const copies: Moved[] = [];
    for (const { bytes, offset } of groups) {
      for (const entry of entriesOf(bytes, segment.number, offset)) {
        if (owner.isLive(entry)) copies.push({ entry, to: intake.append(entry.bytes, true) });
      }
    }
    yield* wait(commits.commit('disk'));
    for (const { entry, to } of copies) {
      // It may have died since.
      if (owner.isLive(entry)) owner.moved(entry, to);
      else segments.having(to)?.release();
      this.#freedBytes -= ENTRY_HEADER + entry.bytes.length;
    }
    this.#copied += copies.length;
    this.#group += groups.length;
    const dealtWith = segment.groups.at(this.#group) ?? segment.end;
    const bytes = dealtWith - segment.movedTo;
    segment.movedTo = dealtWith;
    return bytes;
  }

  *#read(segment: Segment): Steps<StoredGroup[]> {
    const groups: StoredGroup[] = [];
    for (let bytes = 0; bytes < PIECE; ) {
      const group = yield* readGroup(this.#parts.disk, segment, this.#group + groups.length);
      if (group === undefined) break;
      groups.push(group);
      bytes += group.bytes.length;
    }
    return groups;
  }

  *#remove(segment: Segment): Steps<number> {
    const { disk, segments } = this.#parts;
    yield* ask('remove', segment.file, () => disk.remove(segment.file));
    segments.drop(segment);
    this.#group = 0;
    this.#segments++;
    this.#freedBytes += segment.end;
    return 0;
  }

  #tell(): Compacted {
    const [segments, copied] = [this.#segments, this.#copied];
    const freedBytes = Math.max(0, this.#freedBytes);
    this.#segments = 0;
    this.#copied = 0;
    this.#freedBytes = 0;
    if (segments > 0) this.#parts.tell({ kind: 'compacted', segments, copied, freedBytes });
    return { copied, freedBytes };
  }
}
