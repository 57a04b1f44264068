/**
 * How far the messages of each durable queue may have been handed out, which is kept before they are. Of what
 * a process had delivered in the moment in which it was killed nobody knows: all that it may have is
 * redelivered then. Messages of one priority are handed out for the first time in the order of their
 * numbers, so that one number says it of all.
 *
 * A mark is written with the messages themselves where a consumer has room for them, and ahead of what is
 * delivered where a queue is busy: nobody waits for the disk but a consumer that has found one that waited.
 * When the queue has been quiet for a moment, it is taken back to what was delivered.
 */

import type { Context } from 'beamish';
import type { Entry } from '../memory/entry.ts';
import type { Publication } from '../memory/publication.ts';
import type { Shelf } from '../memory/shelf.ts';
import type { Time } from '../memory/time.ts';
import { wake } from '../memory/waking.ts';
import type { Place } from './kept.ts';
import type { Pending, Step } from './pending.ts';
import { encodeRecord } from './records.ts';
import type { Replay } from './replay.ts';

/** A queue that has not asked for so long is not busy, and what was marked ahead of it is taken back. */
export const QUIET_MS = 100;
/** So often it gets what can be given and no more; from then on twice as many ahead each time. */
const EXACT_ASKS = 4;
/** How many are marked ahead of what can be given, at most: what a kill of a busy process may mark for nothing. */
const MOST_AHEAD = 1024;

/** Of one queue; the numbers by priority. */
class Mark {
  /** The highest that was handed out. */
  given: number[];
  /** The highest that may be: it is kept. */
  kept: readonly number[];
  /** The highest that is to be. */
  asked: number[];
  /** When one of these is given, more are asked for. */
  readonly refillAt: number[];
  /** How often the queue has asked since it is busy, and how many it is marked ahead of what can be given for it. */
  asks = 0;
  ahead = 0;
  askedAt = Number.NEGATIVE_INFINITY;
  /** When one was given that had not been before, or asked for. */
  movedAt = Number.NEGATIVE_INFINITY;
  /** It waits for what was asked for. Set by who finds too little, unset when it is woken. */
  waiting: Shelf | undefined;

  constructor(upTo: readonly number[]) {
    this.given = [...upTo];
    this.kept = upTo;
    this.asked = [...upTo];
    this.refillAt = upTo.map(() => Number.POSITIVE_INFINITY);
  }
}

export class Marks {
  readonly #model: Replay;
  readonly #pending: Pending;
  readonly #time: Time;
  readonly #byQueue = new Map<string, Mark>();
  /** What is to be written of. */
  readonly #dirty = new Map<Mark, string>();
  /** Those that may be ahead of what was given. */
  readonly #ahead = new Map<Mark, string>();
  /** The disk refuses. */
  #isFailing = false;

  constructor(model: Replay, pending: Pending, time: Time) {
    this.#model = model;
    this.#pending = pending;
    this.#time = time;
  }

  /** Everything has been replayed: what may have been handed out was. */
  begin(): void {
    for (const { head } of this.#model.marks.values())
      this.#byQueue.set(head.queue, new Mark(head.upTo));
  }

  /** Nothing is to be written. */
  get isEmpty(): boolean {
    return this.#dirty.size === 0;
  }

  /** Something may have to be taken back, once it is quiet. */
  get isAhead(): boolean {
    return this.#ahead.size > 0;
  }

  // ── of queues ─────────────────────────────────────────────────────────────────────────────

  /** Whether it was handed out, in this life or, as far as anybody knows, in one before. */
  wasGiven(shelf: Shelf, publication: Publication, { message }: Place): boolean {
    const given = this.#byQueue.get(shelf.queue)?.given[shelf.ready.levelOf(publication)];
    return given !== undefined && message.id <= given;
  }

  /** It is on its way there. If a consumer has room for it, the mark comes with it. */
  comes(shelf: Shelf, publication: Publication, id: number): void {
    const { rota, ready, incoming } = shelf;
    const { room } = rota;
    const mark = room > 0 ? this.#of(shelf) : this.#byQueue.get(shelf.queue);
    if (mark === undefined || room + mark.ahead <= ready.length + incoming) return;
    this.#raise(shelf, mark, ready.levelOf(publication), id);
  }

  /** Whether it may be handed out now. If not, the queue is woken when it may. */
  mayGive(self: Context, shelf: Shelf, { publication, keep }: Entry): boolean {
    const { id } = (keep as Place).message;
    const level = shelf.ready.levelOf(publication);
    const mark = this.#of(shelf);
    // A full disk keeps nobody from consuming.
    if (id <= (mark.kept[level] as number) || this.#isFailing) return true;
    if (shelf.rota.room <= 0) return false;
    mark.waiting = shelf;
    if (id > (mark.asked[level] as number)) {
      this.#raise(shelf, mark, level, id);
      this.#ask(self, shelf, mark);
    }
    return false;
  }

  /** It is handed out. */
  gave(self: Context, shelf: Shelf, { publication, keep }: Entry): void {
    const { id } = (keep as Place).message;
    const level = shelf.ready.levelOf(publication);
    const mark = this.#of(shelf);
    if (id <= (mark.given[level] as number)) return;
    mark.given[level] = id;
    mark.movedAt = this.#time.lookedAt();
    if (id > (mark.asked[level] as number)) {
      this.#raise(shelf, mark, level, id);
      this.#pending.tell(self);
    }
    if (id < (mark.refillAt[level] as number)) return;
    mark.refillAt[level] = Number.POSITIVE_INFINITY;
    this.#ask(self, shelf, mark);
  }

  /** It is no queue any more. */
  forget(queue: string): void {
    const mark = this.#byQueue.get(queue);
    if (mark === undefined) return;
    this.#byQueue.delete(queue);
    this.#dirty.delete(mark);
    this.#ahead.delete(mark);
    const standing = this.#model.marks.get(queue);
    this.#model.marks.delete(queue);
    if (standing !== undefined) this.#pending.release(standing.at);
  }

  // ── of the log ────────────────────────────────────────────────────────────────────────────

  /** What is to be written. */
  take(): readonly Step[] {
    const steps = [...this.#dirty].map(([mark, queue]) => this.#step(mark, queue));
    this.#dirty.clear();
    return steps;
  }

  /** What was written last was kept, or not. */
  heard(self: Context, isKept: boolean): void {
    this.#isFailing = !isKept;
    if (isKept) return;
    for (const mark of this.#byQueue.values()) wakeWaiting(self, mark);
  }

  /** Takes those back that have been quiet; all of them in the end, when nothing is handed out any more. */
  takeBack(isEnd: boolean): void {
    const quietSince = this.#time.now() - QUIET_MS;
    for (const [mark, queue] of this.#ahead) {
      const { given, asked } = mark;
      const isAhead = asked.some((id, level) => id > (given[level] as number));
      if (isAhead && !isEnd && mark.movedAt > quietSince) continue;
      this.#ahead.delete(mark);
      if (!isAhead) continue;
      mark.asks = mark.ahead = 0;
      mark.asked = [...given];
      // From now on, as it may be kept at any moment.
      mark.kept = given.map((id, level) => Math.min(id, mark.kept[level] as number));
      mark.refillAt.fill(Number.POSITIVE_INFINITY);
      this.#dirty.set(mark, queue);
    }
  }

  // ── private ───────────────────────────────────────────────────────────────────────────────

  #of({ queue, ready }: Shelf): Mark {
    let mark = this.#byQueue.get(queue);
    if (mark === undefined) {
      mark = new Mark(new Array<number>(ready.priorities).fill(0));
      this.#byQueue.set(queue, mark);
    }
    return mark;
  }

  #raise({ queue }: Shelf, mark: Mark, level: number, id: number): void {
    if (id <= (mark.asked[level] as number)) return;
    mark.asked[level] = id;
    mark.movedAt = this.#time.lookedAt();
    this.#dirty.set(mark, queue);
    this.#ahead.set(mark, queue);
  }

  /** For what can be given now, and, while it is busy, for more and more of what comes after it. */
  #ask(self: Context, shelf: Shelf, mark: Mark): void {
    const { ready, rota } = shelf;
    const now = this.#time.now();
    mark.asks = now - mark.askedAt < QUIET_MS ? mark.asks + 1 : 0;
    mark.ahead = Math.min(MOST_AHEAD, Math.floor(2 ** (mark.asks - EXACT_ASKS)));
    mark.askedAt = now;
    let left = rota.room + mark.ahead;
    for (let level = ready.priorities - 1; level >= 0 && left > 0; level--) {
      const count = Math.min(left, ready.freshLength(level));
      left -= count;
      const last = keptAmong(shelf, level, count);
      if (last === undefined) continue;
      this.#raise(shelf, mark, level, last);
      if (mark.ahead > 1)
        mark.refillAt[level] =
          keptAmong(shelf, level, count - (mark.ahead >> 1)) ?? Number.POSITIVE_INFINITY;
    }
    this.#pending.tell(self);
  }

  #step(mark: Mark, queue: string): Step {
    const upTo = [...mark.asked];
    const head = { is: 'mark', queue, nth: this.#model.nextMark++, upTo } as const;
    return {
      bytes: encodeRecord(head, undefined, true),
      done: (log, at) => {
        if (this.#byQueue.get(queue) !== mark) return this.#pending.release(at);
        const before = this.#model.marks.get(queue);
        if (before !== undefined) this.#pending.release(before.at);
        this.#model.marks.set(queue, { head, at });
        mark.kept = upTo;
        wakeWaiting(log, mark);
      },
      // As it is then: of an earlier one, a later one may have been kept.
      failed: () => {
        if (this.#byQueue.get(queue) === mark) this.#dirty.set(mark, queue);
      },
    };
  }
}

function wakeWaiting(self: Context, mark: Mark): void {
  if (mark.waiting === undefined) return;
  wake(self, mark.waiting);
  mark.waiting = undefined;
}

/** The number of the last of the first so many that is kept. */
function keptAmong({ ready }: Shelf, level: number, count: number): number | undefined {
  for (let i = count - 1; i >= 0; i--) {
    const keep = ready.freshAt(level, i)?.keep as Place | undefined;
    if (keep !== undefined) return keep.message.id;
  }
  return undefined;
}
