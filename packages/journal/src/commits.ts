/**
 * Group commit. What is appended gathers; when somebody waits for it, it is written, and synced. What is
 * appended meanwhile is the next group: under load groups grow by themselves, and alone an entry waits for
 * one write and one sync. One write and one sync are under way at a time; a write beside a sync only for
 * those who need no sync. When something fails, all that was not answered for is dropped.
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

export class Commits {
  readonly #intake: Intake;
  readonly #tail: Tail;
  readonly #hooks: Hooks;
  readonly #forDisk = new Waiters();
  readonly #forSystem = new Waiters();
  /** Behind what was answered for with `'os'`. */
  #promised: Position = 0;
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
  }

  /** The last one, until somebody is answered who asked after it. */
  get failure(): JournalFailed | undefined {
    return this.#failure ?? this.#failing?.last;
  }

  /**
   * All that was appended by now.
   *
   * @throws JournalFailed
   */
  commit(until: Until): Answer<void> {
    if (this.#untold !== undefined) return this.#tellLoss(this.#untold);
    const upTo = this.#intake.end;
    const isForDisk = until === 'disk';
    if (upTo <= (isForDisk ? this.#tail.synced : this.#tail.written)) {
      if (!isForDisk) this.#promised = Math.max(this.#promised, upTo);
      return;
    }
    const waiter = (isForDisk ? this.#forDisk : this.#forSystem).add(upTo);
    this.#goOn();
    return waiter.answer();
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
    this.#promised = Math.max(this.#promised, forSystem);
    const answered = Math.max(forSystem, this.#forDisk.settle(this.#tail.synced));
    const isRecovered = this.#failing !== undefined && answered > this.#failing.from;
    if (isRecovered) this.#failing = undefined;
    this.#goOn();
    const moved = this.#tail.takeMoved();
    if (moved.length > 0) this.#hooks.moved(moved);
    if (isRecovered) this.#hooks.recovered();
    if (answered >= 0) this.#hooks.kept();
  }

  #drop(error: JournalFailed): void {
    this.#failure = undefined;
    const { end } = this.#intake;
    const asked = Math.max(this.#forDisk.last, this.#forSystem.last);
    const isPoisoned = this.#tail.isPoisoned;
    const kept = this.#tail.fail(this.#promised, () => this.#intake.plan());
    this.#intake.drop(kept);
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
