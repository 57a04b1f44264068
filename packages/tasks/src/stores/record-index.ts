/**
 * All records of a store in memory, and everything that finds them: by id, in order, by queue, by the
 * moment when something is due. What stores in this process are made of.
 */

import { memberId, type TaskRecord } from '../state/record.ts';
import { transition } from '../state/transition.ts';
import { isFinal, type TaskState } from '../terms/task-state.ts';
import { Forms, Kept } from './kept.ts';
import type { Place } from './line.ts';
import { type ClaimRequest, type Counts, PAGE, type QueueCount, type TaskFilter } from './store.ts';
import { TaskQueue } from './task-queue.ts';
import { type Cursor, Timeline } from './timeline.ts';

interface Queue {
  readonly waiting: TaskQueue;
  running: number;
}

/** So many are whole when they are new: most are claimed soon, and need not be put together again. */
const MOST_NEW = 1000;

export class RecordIndex {
  readonly #byId = new Map<string, Kept>();
  readonly #byUnique = new Map<string, string>();
  readonly #queues = new Map<string, Queue>();
  readonly #forms = new Forms();
  /** The latest, by their order. */
  readonly #new: Kept[] = [];
  readonly #due = new Timeline<Kept>((kept) => kept.dueMoment);
  /** Of those that have ended: when they are forgotten. */
  readonly #ends = new Timeline<Kept>((kept) => kept.forgottenAt);
  /** All, oldest first; of those that are gone, some. */
  #inOrder: Kept[] = [];
  #gone = 0;
  #orders = 0;
  #scheduled = 0;
  #quarantined = 0;
  #dueCursor: ({ readonly id: string } & Cursor) | undefined;
  #listCursor: { readonly id: string; readonly order: number } | undefined;

  get size(): number {
    return this.#byId.size;
  }

  kept(id: string): Kept | undefined {
    return this.#byId.get(id);
  }

  find(id: string): TaskRecord | undefined {
    return this.#byId.get(id)?.record;
  }

  findUnique(key: string): TaskRecord | undefined {
    const id = this.#byUnique.get(key);
    return id === undefined ? undefined : this.find(id);
  }

  /** Puts one of a new id behind all others, or where it was before. */
  add(record: TaskRecord, order = this.#orders): Kept {
    const kept = new Kept(record, order);
    this.#new[order % MOST_NEW]?.shrink(this.#forms);
    this.#new[order % MOST_NEW] = kept;
    this.#byId.set(record.id, kept);
    if (order === this.#orders) this.#inOrder.push(kept);
    else this.#inOrder.splice(this.#indexBehindOrder(order), 0, kept);
    this.#orders = Math.max(this.#orders, order + 1);
    if (record.unique !== undefined) this.#byUnique.set(record.unique, record.id);
    this.#enter(kept);
    return kept;
  }

  /** Puts it in the place of the one that is there. */
  put(kept: Kept, record: TaskRecord): void {
    const [due, forgotten] = [kept.dueMoment, kept.forgottenAt];
    this.#leave(kept);
    kept.become(record, this.#forms);
    this.#enter(kept, due, forgotten);
  }

  remove(kept: Kept): void {
    const { id, unique } = kept;
    this.#leave(kept);
    if (kept.dueMoment !== undefined) this.#due.left();
    if (kept.forgottenAt !== undefined) this.#ends.left();
    kept.leave();
    this.#byId.delete(id);
    if (unique !== undefined && this.#byUnique.get(unique) === id) this.#byUnique.delete(unique);
    if (++this.#gone > PAGE && this.#gone * 2 > this.#inOrder.length) {
      this.#inOrder = this.#inOrder.filter(({ isGone }) => !isGone);
      this.#gone = 0;
    }
  }

  /** Takes the next ones out of their queues and puts them back as claimed. `was` is told of each as it was. */
  claim(request: ClaimRequest, was?: (kept: Kept, record: TaskRecord) => void): Kept[] {
    const { worker, queues, limit, leaseMs, now } = request;
    const event = { kind: 'claim', worker, leaseUntil: now + leaseMs, now } as const;
    const claimed: Kept[] = [];
    for (const name of queues) {
      const waiting = this.#queues.get(name)?.waiting;
      while (waiting !== undefined && claimed.length < limit) {
        const place = waiting.take(request);
        if (place === undefined) break;
        const kept = place instanceof Kept ? place : (this.#byId.get(place.id) as Kept);
        const { record } = kept;
        const next = (transition(record, event) as { readonly record: TaskRecord }).record;
        (next as { version: number }).version = record.version + 1;
        was?.(kept, record);
        this.put(kept, next);
        request.held.take(next);
        claimed.push(kept);
      }
    }
    return claimed;
  }

  /** Answers with those that `worker` still has. */
  renew(worker: string, ids: readonly string[], until: number): string[] {
    return ids.filter((id) => {
      const kept = this.#byId.get(id);
      if (kept?.state !== 'running' || kept.record.worker !== worker) return false;
      this.put(kept, { ...kept.record, leaseUntil: until, version: kept.version + 1 });
      return true;
    });
  }

  due(now: number, after: string | undefined, limit: number): TaskRecord[] {
    const cursor =
      after !== undefined && this.#dueCursor?.id === after ? this.#dueCursor : undefined;
    const page = this.#due.page(now, cursor, limit);
    const last = page.at(-1);
    if (last !== undefined)
      this.#dueCursor = { id: last.id, at: last.dueMoment as number, order: last.order };
    return page.map(({ record }) => record);
  }

  list(filter: TaskFilter, after: string | undefined): TaskRecord[] {
    const { limit = PAGE } = filter;
    const found: TaskRecord[] = [];
    for (
      let i = after === undefined ? 0 : this.#indexBehind(after);
      i < this.#inOrder.length;
      i++
    ) {
      const kept = this.#inOrder[i] as Kept;
      if (kept.isGone || !passes(kept, filter)) continue;
      found.push(kept.record);
      if (found.length < limit) continue;
      this.#listCursor = { id: kept.id, order: kept.order };
      break;
    }
    return found;
  }

  outcomes(join: string, from: number, limit: number): (string | undefined)[] {
    const { members } = this.#byId.get(join) ?? {};
    const until = Math.min(members?.all ?? 0, from + limit);
    const found: (string | undefined)[] = [];
    for (let i = from; i < until; i++) found.push(this.#byId.get(memberId(join, i))?.outcome);
    return found;
  }

  counts(): Counts {
    const queues: Record<string, QueueCount> = {};
    for (const [name, { waiting, running }] of this.#queues) {
      if (waiting.size === 0 && running === 0) continue;
      queues[name] = { queued: waiting.size, running, oldestAt: waiting.oldestAt() };
    }
    return { queues, scheduled: this.#scheduled, quarantined: this.#quarantined };
  }

  /** Those that have outlived `keepMs` and belong to no join that may go on, their members among them. */
  outlived(now: number, limit: number): Kept[] {
    const found: Kept[] = [];
    let after: Cursor | undefined;
    while (found.length < limit) {
      const page = this.#ends.page(now, after, PAGE);
      const last = page.at(-1);
      if (last === undefined) break;
      after = { at: last.forgottenAt as number, order: last.order };
      for (const kept of page) if (!this.#isWanted(kept)) this.#gather(kept, found);
    }
    return found;
  }

  /** When something has outlived its time next. */
  get outlivedAt(): number | undefined {
    return this.#ends.next();
  }

  #isWanted({ join: membership }: Kept): boolean {
    const join = membership && this.#byId.get(membership.id);
    // A join that may be put back needs its members.
    return join !== undefined && (join.state !== 'succeeded' || this.#isWanted(join));
  }

  #gather(kept: Kept | undefined, into: Kept[]): void {
    if (kept === undefined || !isFinal(kept.state)) return;
    into.push(kept);
    for (let i = 0; i < (kept.members?.next ?? 0); i++)
      this.#gather(this.#byId.get(memberId(kept.id, i)), into);
  }

  /** Where those behind this one begin. Of one that is gone and was nobody's last, at the beginning. */
  #indexBehind(id: string): number {
    const cursor = this.#listCursor;
    return this.#indexBehindOrder(
      this.#byId.get(id)?.order ?? (cursor?.id === id ? cursor.order : -1),
    );
  }

  #indexBehindOrder(order: number): number {
    let low = 0;
    let high = this.#inOrder.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#inOrder[middle] as Kept).order <= order) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** `due` and `forgotten` are known of it already. */
  #enter(kept: Kept, due?: number, forgotten?: number): void {
    const { state, dueMoment, forgottenAt } = kept;
    if (dueMoment !== due) {
      if (due !== undefined) this.#due.left();
      if (dueMoment !== undefined) this.#due.set(kept, dueMoment);
    }
    if (forgottenAt !== forgotten) {
      if (forgotten !== undefined) this.#ends.left();
      if (forgottenAt !== undefined) this.#ends.set(kept, forgottenAt);
    }
    this.#count(state, 1);
    if (state === 'running') this.#queue(kept.queue).running++;
    if (state !== 'queued') return;
    kept.place = placeOf(kept);
    this.#queue(kept.queue).waiting.push(kept.priority, kept.place);
  }

  #leave(kept: Kept): void {
    const { state, place } = kept;
    this.#count(state, -1);
    if (state === 'running') this.#queue(kept.queue).running--;
    if (state === 'queued' && place !== undefined && !place.isLeft)
      this.#queue(kept.queue).waiting.leave(place);
  }

  #count(state: TaskState, change: 1 | -1): void {
    if (state === 'scheduled') this.#scheduled += change;
    else if (state === 'quarantined') this.#quarantined += change;
  }

  #queue(name: string): Queue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = { waiting: new TaskQueue(), running: 0 };
      this.#queues.set(name, queue);
    }
    return queue;
  }
}

/** The first time it is itself its place; a line may still have that one when it comes back. */
function placeOf(kept: Kept): Place {
  if (kept.place === undefined) {
    kept.isLeft = false;
    return kept;
  }
  const { id, name, key, expiresAt, queuedAt, order } = kept;
  return { id, name, key, expiresAt, queuedAt, order, isLeft: false };
}

function passes(kept: Kept, { state, queue, name, root }: TaskFilter): boolean {
  if (root !== undefined && kept.root !== root) return false;
  if (queue !== undefined && kept.queue !== queue) return false;
  if (name !== undefined && kept.name !== name) return false;
  if (state === undefined) return true;
  return typeof state === 'string' ? kept.state === state : state.includes(kept.state);
}
