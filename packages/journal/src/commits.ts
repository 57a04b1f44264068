/**
 * Group commit. What is appended gathers; when somebody waits for it, it is written, and synced. What is
 * appended meanwhile is the next group: under load groups grow by themselves, and alone an entry waits for
 * one write and one sync. One write and one sync are under way at a time; a write beside a sync only for
 * those who need no sync. What a commit covers ends a group, so that it can be kept without what comes next:
 * when something fails, all is dropped that was not answered for, and does not wait for a sync alone.
 */

import { type Answer, run, type Steps } from './answer.ts';
import { JournalFailed } from './errors.ts';
import type { Intake } from './intake.ts';
import type { Position } from './position.ts';
import type { Moved } from './rescue.ts';
import type { Tail } from './tail.ts';
import { unwatched, Waiters } from './waiters.ts';

/** When a commit answers: when it is on disk, or when the operating system has it. */
export type Until = 'disk' | 'os';

/** What happens, told when more can be asked again. */
export interface Hooks {
  /** All was dropped that had not been answered for. Not again before `recovered`. */
  failed(error: JournalFailed): void;
  /** Somebody was answered who appended after the failure. */
  recovered(): void;
  /** Entries were written anew. */
  moved(moved: readonly Moved[]): void;
  /** Somebody was answered. */
  kept(): void;
}

/** The same, for compaction: it is not its owner, who has to hear of its own losses. */
export interface CopyCommits {
  readonly failure: JournalFailed | undefined;
  /** Behind what its owner was answered for. */
  readonly owners: Position;
  /** Whether its owner has asked for all that it has appended. */
  readonly isAllAsked: boolean;
  /** The copies that were appended last, and all before them. */
  commit(until: Until): Answer<void>;
}

export class Commits {
  readonly #intake: Intake;
  readonly #tail: Tail;
  readonly #hooks: Hooks;
  readonly #forDisk = new Waiters();
  readonly #forSystem = new Waiters();
  /** Behind what was answered for, to anybody, and to its owner. */
  #answered: Position;
  #owners: Position;
  /** Behind what its owner has asked for. */
  #asked: Position;
  #isWriting = false;
  #isSyncing = false;
  /** Happened while something else was under way, which has to end first. */
  #failure: JournalFailed | undefined;
  /** Until somebody is answered who appended behind where the end was then. */
  #failing: { readonly from: Position; readonly last: JournalFailed } | undefined;
  /** Has cost entries that no commit had been asked for: the next one is told. */
  #untold: JournalFailed | undefined;
  /** Whether the disk answers with promises. */
  #answersLater = false;
  readonly #whenIdle: (() => void)[] = [];

  constructor(intake: Intake, tail: Tail, hooks: Hooks) {
    this.#intake = intake;
    this.#tail = tail;
    this.#hooks = hooks;
    this.#answered = intake.end;
    this.#owners = intake.end;
    this.#asked = intake.end;
  }

  /** The last one, until somebody is answered who asked after it. */
  get failure(): JournalFailed | undefined {
    return this.#failure ?? this.#failing?.last;
  }

  /** Behind what its owner was answered for. */
  get owners(): Position {
    return this.#owners;
  }

  /**
   * All that was appended by now, for its owner.
   *
   * @throws JournalFailed
   */
  commit(until: Until): Answer<void> {
    if (this.#untold !== undefined) return this.#tellLoss(this.#untold);
    this.#asked = this.#intake.end;
    this.#intake.endGroup();
    return this.#commit(until, this.#asked, true);
  }

  ofCopies(): CopyCommits {
    const commits = this;
    return {
      get failure() {
        return commits.failure;
      },
      get owners() {
        return commits.#owners;
      },
      get isAllAsked() {
        return commits.#intake.ownersEnd <= commits.#asked;
      },
      commit: (until) => commits.#commit(until, commits.#intake.copiesEnd, false),
    };
  }

  #commit(until: Until, upTo: Position, isOwner: boolean): Answer<void> {
    const isForDisk = until === 'disk';
    if (upTo <= (isForDisk ? this.#tail.synced : this.#tail.written)) {
      return this.#hasAnswered({ all: upTo, owners: isOwner ? upTo : -1 });
    }
    const waiter = (isForDisk ? this.#forDisk : this.#forSystem).add(upTo, isOwner);
    this.#goOn();
    return waiter.answer();
  }

  #hasAnswered({ all, owners }: { readonly all: Position; readonly owners: Position }): void {
    this.#answered = Math.max(this.#answered, all);
    this.#owners = Math.max(this.#owners, owners);
  }

  /** Behind what was answered for, and what waits for nothing but a sync. */
  get #promised(): Position {
    const { written, synced, isPoisoned } = this.#tail;
    const forDisk = this.#forDisk.upTo(isPoisoned ? synced : written);
    const forSystem = isPoisoned ? -1 : this.#forSystem.upTo(written);
    return Math.max(this.#answered, forDisk, forSystem);
  }

  /** Answers when nobody waits, and nothing is under way. */
  idle(): Answer<void> {
    if (this.#isIdle) return;
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  get #isIdle(): boolean {
    const isBusy = this.#isWriting || this.#isSyncing;
    return !isBusy && this.#forDisk.first === undefined && this.#forSystem.first === undefined;
  }

  #goOn(): void {
    if (this.#canSync()) this.#sync();
    if (this.#canWrite()) this.#write();
    if (this.#isIdle) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** First of all, or with much to write nobody's turn would come. */
  #canSync(): boolean {
    if (this.#isWriting || this.#isSyncing || this.#failure !== undefined) return false;
    const { first } = this.#forDisk;
    return first !== undefined && first <= this.#tail.written && !this.#tail.isPoisoned;
  }

  #canWrite(): boolean {
    if (this.#isWriting || this.#failure !== undefined) return false;
    const { written, current, isPoisoned } = this.#tail;
    if (this.#isSyncing) {
      return this.#forSystem.last > written && this.#intake.nextSegment === current;
    }
    if (isPoisoned && this.#forDisk.first !== undefined) return true;
    return this.#forSystem.last > written || this.#forDisk.last > written;
  }

  #write(): void {
    this.#isWriting = true;
    const batch = this.#intake.next();
    this.#follow(this.#tail.write(batch), (isDone) => {
      this.#isWriting = false;
      if (isDone && batch !== undefined) this.#intake.written();
    });
  }

  #sync(): void {
    this.#isSyncing = true;
    this.#follow(this.#tail.sync(), () => {
      this.#isSyncing = false;
    });
  }

  #follow(steps: Steps<void>, ended: (isDone: boolean) => void): void {
    const done = (): void => {
      ended(true);
      this.#advance();
    };
    const failed = (error: unknown): void => {
      if (!(error instanceof JournalFailed)) throw error;
      ended(false);
      this.#failure ??= error;
      this.#advance();
    };
    let answer: Answer<void>;
    try {
      answer = run(steps);
    } catch (error) {
      return failed(error);
    }
    if (!(answer instanceof Promise)) return done();
    this.#answersLater = true;
    answer.then(done, failed);
  }

  /** Something has ended. */
  #advance(): void {
    if (this.#failure !== undefined) {
      if (!this.#isWriting && !this.#isSyncing) this.#drop(this.#failure);
      return;
    }
    const forSystem = this.#forSystem.settle(this.#tail.written);
    this.#hasAnswered(forSystem);
    const answered = Math.max(forSystem.all, this.#answerSynced());
    const isRecovered = this.#failing !== undefined && answered > this.#failing.from;
    if (isRecovered) this.#failing = undefined;
    this.#goOn();
    const moved = this.#tail.takeMoved();
    if (moved.length > 0) this.#hooks.moved(moved);
    if (isRecovered) this.#hooks.recovered();
    if (answered >= 0) this.#hooks.kept();
  }

  /** Answers with what the last of those waited for who were answered. */
  #answerSynced(): Position {
    const forDisk = this.#forDisk.settle(this.#tail.synced);
    this.#hasAnswered(forDisk);
    return forDisk.all;
  }

  #drop(error: JournalFailed): void {
    this.#failure = undefined;
    // Synced before the failure, but by a write that then failed.
    this.#answerSynced();
    const end = this.#intake.ownersEnd;
    const asked = this.#asked;
    const isPoisoned = this.#tail.isPoisoned;
    const kept = this.#tail.fail(this.#promised, () => this.#intake.plan());
    this.#intake.drop(kept);
    this.#asked = Math.min(asked, kept);
    // Its owner has not asked for it, though compaction may have: nobody would tell it.
    if (end > kept && end > asked) this.#untold = error;
    // What was written before a write that failed can still be synced.
    this.#forDisk.fail(isPoisoned ? this.#tail.synced : kept, error);
    this.#forSystem.fail(kept, error);
    const isFirst = this.#failing === undefined;
    this.#failing = { from: kept, last: error };
    const moved = this.#tail.takeMoved();
    if (moved.length > 0) this.#hooks.moved(moved);
    if (isFirst) this.#hooks.failed(error);
    this.#goOn();
  }

  /** Nothing is under way: since the failure nothing was asked for. */
  #tellLoss(error: JournalFailed): Answer<void> {
    this.#untold = undefined;
    this.#intake.drop(this.#tail.written);
    if (!this.#answersLater) throw error;
    return unwatched(Promise.reject(error));
  }
}
