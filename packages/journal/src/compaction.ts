/**
 * Compaction by copying forward, oldest segment first. What is live in it is appended again; when the copy
 * is on disk, its owner hears of the new place, and when the whole segment was dealt with, it is removed.
 *
 * An entry is judged by what its owner has applied. That may be appended and not kept yet: so before a piece
 * counts as dealt with, all that was appended before it was judged is on disk; if that fails, the piece is
 * judged again. And what is appended, or answered for, may not be applied yet: so the copies of a piece are
 * followed by copies of all that its owner may still have to apply, if there is any, in one group. Thus no old value stands
 * behind a newer one, and no removed entry behind what removes it, whatever is compacted next. As the oldest
 * segment goes first, what an entry takes back is gone before it.
 */

import { type Answer, run, type Steps, wait } from './answer.ts';
import type { CopyCommits } from './commits.ts';
import { ask, type Disk } from './disk.ts';
import { JournalDamaged, JournalFailed } from './errors.ts';
import { ENTRY_HEADER } from './group.ts';
import type { Intake } from './intake.ts';
import type { Entry, JournalEvent, Owner } from './owner.ts';
import type { Moved } from './rescue.ts';
import type { Segment } from './segment.ts';
import type { Segments } from './segments.ts';
import { entriesIn, readGroup, type StoredGroup } from './stored-group.ts';
import type { Tail } from './tail.ts';
import { sizeOf, unapplied } from './unapplied.ts';

/** So much is read and judged before others have their turn. */
const PIECE = 256 * 1024;
/** So much more is dealt with than was written since: if at most a quarter is live, it gets less. */
const HASTE = 4;
/** With more that may not be applied yet it waits, since that is copied, too. */
const MOST_UNAPPLIED = 64 * 1024 * 1024;
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
  readonly commits: CopyCommits;
  /** As its owner does. */
  commit(): Answer<void>;
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
  /** Somebody was answered since the last step. */
  #hasCommitted = false;
  /** What is to be done when its owner asks for the next thing, and has applied all before. */
  #atCall: (() => void) | undefined;
  /** Waits for the next commit that is answered, or will not be. */
  #atNews: (() => void) | undefined;
  #bytesWritten = 0;
  /** Since it was told last. */
  #segments = 0;
  #copied = 0;
  #freedBytes = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A commit was answered, or will not be. */
  news(): void {
    this.#hasCommitted = true;
    this.#atNews?.();
  }

  /** Its owner asks for something, and has applied what it was answered for. */
  called(): void {
    const { intake, commits } = this.#parts;
    const isQuiet = commits.failure === undefined && intake.ownersEnd <= intake.applied;
    if (isQuiet) this.#atCall?.();
  }

  /** One step, if one is due, before its owner appends the next thing. */
  goOn(): void {
    if (!this.#hasCommitted) return;
    this.#hasCommitted = false;
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
    // On a disk that answers at once, only its owner's functions can ask meanwhile.
    if (this.#isUnderWay && this.#ending === undefined) return { copied: 0, freedBytes: 0 };
    // An owner that has been answered since a failure knows of it.
    if (this.#parts.commits.failure !== undefined) this.#parts.intake.turn();
    return this.#afterwards(this.#parts.commit());
  }

  #afterwards(kept: Answer<void>): Answer<Compacted> {
    if (this.#ending !== undefined) return this.#ending.then(() => this.#afterwards(kept));
    return this.#start(this.#everything(kept));
  }

  /** No more from now on but what is under way; answers when that has ended. */
  end(): Answer<void> {
    this.#isStopped = true;
    this.#isEnding = true;
    this.#atNews?.();
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
      const isLast = oldest === tail.current || oldest === undefined || oldest.number > this.#last;
      if (isLast || segments.looseness <= ENOUGH) {
        this.#last = 0;
        this.#tell();
        return;
      }
      const dealtWith = yield* this.#dealWith(oldest);
      if (dealtWith === undefined) return;
      allowed -= dealtWith;
    }
  }

  *#everything(kept: Answer<void>): Steps<Compacted> {
    const { segments, intake, tail, commits } = this.#parts;
    yield* wait(kept);
    const { current } = tail;
    // So that no copy is copied again.
    if (segments.looseness > ENOUGH && commits.isAllAsked) {
      intake.turn();
      intake.endCopies();
      yield* wait(commits.commit('disk'));
    }
    const last = current?.number ?? 0;
    for (;;) {
      const { oldest } = segments;
      if (oldest === undefined || oldest === tail.current || oldest.number > last) break;
      if (this.#isEnding || segments.looseness <= ENOUGH) break;
      while (segments.oldest === oldest && !this.#isEnding) {
        if ((yield* this.#dealWith(oldest)) === undefined) return this.#tell();
      }
    }
    this.#last = 0;
    return this.#tell();
  }

  /**
   * With a piece of the oldest segment. Answers with its bytes; when none are left, removes it. Undefined if
   * this is not the moment.
   */
  *#dealWith(segment: Segment): Steps<number | undefined> {
    const { owner, commits, segments, intake } = this.#parts;
    const size = HASTE * sizeOf(yield* unapplied(this.#parts));
    const groups = yield* this.#read(segment, Math.max(PIECE, size));
    if (groups.length === 0) return yield* this.#remove(segment);
    const copies = yield* this.#copy(segment, groups);
    if (copies === undefined) return undefined;
    let dead = 0;
    yield* wait(commits.commit('disk'));
    for (const { entry, to } of copies) {
      this.#freedBytes -= ENTRY_HEADER + entry.bytes.length;
      if (owner.isLive(entry)) owner.moved(entry, to);
      else {
        segments.having(to)?.release();
        dead++;
      }
    }
    this.#copied += copies.length - dead;
    // What made it dead may still be refused; then it has to be copied after all.
    if (dead > 0 && commits.owners < intake.ownersEnd) return 0;
    this.#group += groups.length;
    const dealtWith = segment.groups.at(this.#group) ?? segment.end;
    const bytes = dealtWith - segment.movedTo;
    segment.movedTo = dealtWith;
    return bytes;
  }

  /**
   * Best when its owner asks for the next thing, and has applied all before. If that does not come, because
   * it waits for compaction alone, or never waits for all that it has under way: with copies of what it may
   * not have applied. Undefined while it has not asked for all that it has appended, which may still be
   * refused: copies would keep it.
   */
  *#copy(segment: Segment, groups: readonly StoredGroup[]): Steps<Moved[] | undefined> {
    const { intake, commits } = this.#parts;
    const end = intake.ownersEnd;
    let copies: Answer<Moved[]> | undefined;
    this.#atCall = () => {
      this.#atCall = undefined;
      copies = attempt(() => this.#judge(segment, groups, []));
    };
    try {
      for (;;) {
        const notApplied = yield* unapplied(this.#parts);
        // What was dropped may have been applied, and not be taken back yet.
        if (commits.failure !== undefined) throw commits.failure;
        if (copies !== undefined) return yield* wait(copies);
        const isTooMuch = sizeOf(notApplied) > MOST_UNAPPLIED;
        if (this.#isEnding || isTooMuch || !commits.isAllAsked) return undefined;
        const isAnswered = commits.owners >= Math.min(end, intake.ownersEnd);
        if (notApplied.length === 0 || isAnswered) return this.#judge(segment, groups, notApplied);
        yield* wait(new Promise<void>((resolve) => (this.#atNews = resolve)));
      }
    } finally {
      this.#atCall = undefined;
    }
  }

  #judge(segment: Segment, groups: readonly StoredGroup[], notApplied: readonly Entry[]): Moved[] {
    const { owner, intake } = this.#parts;
    const copies: Moved[] = [];
    const judge = (): void => {
      for (const entry of entriesIn(segment, groups)) {
        if (owner.isLive(entry)) copies.push({ entry, to: intake.append(entry.bytes, true) });
      }
    };
    if (notApplied.length === 0) judge();
    else
      intake.together(() => {
        judge();
        if (copies.length === 0) return;
        for (const entry of notApplied)
          copies.push({ entry, to: intake.append(entry.bytes, true) });
      });
    intake.endCopies();
    return copies;
  }

  *#read(segment: Segment, size: number): Steps<StoredGroup[]> {
    const groups: StoredGroup[] = [];
    for (let bytes = 0; bytes < size; ) {
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

/** Answers with what it throws, too, to whom that is of use. */
function attempt<T>(work: () => T): Answer<T> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}
