/**
 * All records of a store in memory, and everything that finds them: by id, in order, by queue, by the
 * moment when something is due. What stores in this process are made of.
 */

import { memberId, type TaskRecord } from '../state/record.ts';
import { transition } from '../state/transition.ts';
import { isFinal } from '../terms/task-state.ts';
import type { Place } from './line.ts';
import { type Cursor, Moments } from './moments.ts';
import {
  type ClaimRequest,
  type Counts,
  FOREVER_MS,
  PAGE,
  type QueueCount,
  type TaskFilter,
} from './store.ts';
import { TaskQueue } from './task-queue.ts';

export interface Entry {
  record: TaskRecord;
  /** Rises in the order of insertion. */
  readonly order: number;
  /** In its queue; undefined if it is in none. */
  place: Place | undefined;
}

interface Queue {
  readonly waiting: TaskQueue;
  running: number;
}

export class RecordIndex {
  readonly #byId = new Map<string, Entry>();
  readonly #byUnique = new Map<string, string>();
  readonly #queues = new Map<string, Queue>();
  readonly #due = new Moments();
  /** Of those that have ended: when they are forgotten. */
  readonly #ends = new Moments();
  /** All, oldest first; of those that are gone, some. */
  #inOrder: Entry[] = [];
  #gone = 0;
  #orders = 0;
  #scheduled = 0;
  #quarantined = 0;
  #dueCursor: Cursor | undefined;
  #listCursor: { readonly id: string; readonly order: number } | undefined;

  get size(): number {
    return this.#byId.size;
  }

  find(id: string): TaskRecord | undefined {
    return this.#byId.get(id)?.record;
  }

  findUnique(key: string): TaskRecord | undefined {
    const id = this.#byUnique.get(key);
    return id === undefined ? undefined : this.find(id);
  }

  /** Its place among all; undefined of nobody. */
  orderOf(id: string): number | undefined {
    return this.#byId.get(id)?.order;
  }

  /** Puts it in the place of the one of its id, or behind all others, or where it was before. */
  set(record: TaskRecord, order?: number): void {
    const entry = this.#byId.get(record.id);
    if (entry === undefined) {
      const made: Entry = { record, order: order ?? this.#orders, place: undefined };
      this.#orders = Math.max(this.#orders, made.order + 1);
      this.#byId.set(record.id, made);
      if (order === undefined) this.#inOrder.push(made);
      else this.#inOrder.splice(this.#indexBehindOrder(order), 0, made);
      if (record.unique !== undefined) this.#byUnique.set(record.unique, record.id);
      this.#enter(made);
    } else {
      this.#leave(entry);
      entry.record = record;
      this.#enter(entry);
    }
  }

  delete(id: string): void {
    const entry = this.#byId.get(id);
    if (entry === undefined) return;
    this.#leave(entry);
    this.#byId.delete(id);
    const { unique } = entry.record;
    if (unique !== undefined && this.#byUnique.get(unique) === id) this.#byUnique.delete(unique);
    if (++this.#gone > PAGE && this.#gone * 2 > this.#inOrder.length) {
      this.#inOrder = this.#inOrder.filter((it) => this.#byId.get(it.record.id) === it);
      this.#gone = 0;
    }
  }

  /** Takes the next ones out of their queues and puts them back as claimed. `was` is told of each as it was. */
  claim(request: ClaimRequest, was?: (record: TaskRecord) => void): TaskRecord[] {
    const { worker, queues, limit, leaseMs, now } = request;
    const claimed: TaskRecord[] = [];
    for (const name of queues) {
      const waiting = this.#queues.get(name)?.waiting;
      while (waiting !== undefined && claimed.length < limit) {
        const place = waiting.take(request);
        if (place === undefined) break;
        const { record } = this.#byId.get(place.id) as Entry;
        const result = transition(record, {
          kind: 'claim',
          worker,
          leaseUntil: now + leaseMs,
          now,
        });
        const next = (result as { readonly record: TaskRecord }).record;
        (next as { version: number }).version = record.version + 1;
        was?.(record);
        this.set(next);
        request.held.take(next);
        claimed.push(next);
      }
    }
    return claimed;
  }

  renew(worker: string, ids: readonly string[], until: number): TaskRecord[] {
    const renewed: TaskRecord[] = [];
    for (const id of ids) {
      const entry = this.#byId.get(id);
      if (entry?.record.state !== 'running' || entry.record.worker !== worker) continue;
      const { version } = entry.record;
      renewed.push({ ...entry.record, leaseUntil: until, version: version + 1 });
    }
    for (const record of renewed) this.set(record);
    return renewed;
  }

  due(now: number, after: string | undefined, limit: number): TaskRecord[] {
    const cursor =
      after !== undefined && this.#dueCursor?.id === after ? this.#dueCursor : undefined;
    const { ids, last } = this.#due.page(now, cursor, limit);
    if (last !== undefined) this.#dueCursor = last;
    return ids.map((id) => this.find(id) as TaskRecord);
  }

  list(filter: TaskFilter, after: string | undefined): TaskRecord[] {
    const { limit = PAGE } = filter;
    const found: TaskRecord[] = [];
    for (
      let i = after === undefined ? 0 : this.#indexBehind(after);
      i < this.#inOrder.length;
      i++
    ) {
      const entry = this.#inOrder[i] as Entry;
      if (this.#byId.get(entry.record.id) !== entry || !passes(entry.record, filter)) continue;
      found.push(entry.record);
      if (found.length < limit) continue;
      this.#listCursor = { id: entry.record.id, order: entry.order };
      break;
    }
    return found;
  }

  outcomes(join: string, from: number, limit: number): (string | undefined)[] {
    const { members } = this.find(join) ?? {};
    const until = Math.min(members?.all ?? 0, from + limit);
    const found: (string | undefined)[] = [];
    for (let i = from; i < until; i++) found.push(this.find(memberId(join, i))?.outcome);
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

  /** Ids of what has outlived `keepMs` and belongs to no join that may go on, its members among them. */
  outlived(now: number, limit: number): string[] {
    const ids: string[] = [];
    let after: Cursor | undefined;
    while (ids.length < limit) {
      const page = this.#ends.page(now, after, PAGE);
      if (page.last === undefined) break;
      after = page.last;
      for (const id of page.ids) if (!this.#isKept(id)) this.#gather(id, ids);
    }
    return ids;
  }

  /** When something has outlived its time next. */
  get outlivedAt(): number | undefined {
    return this.#ends.next();
  }

  #isKept(id: string): boolean {
    const membership = this.find(id)?.join;
    const join = membership && this.find(membership.id);
    // A join that may be put back needs its members.
    return join !== undefined && (join.state !== 'succeeded' || this.#isKept(join.id));
  }

  #gather(id: string, into: string[]): void {
    const record = this.find(id);
    if (record === undefined || !isFinal(record.state)) return;
    into.push(id);
    for (let i = 0; i < (record.members?.next ?? 0); i++) this.#gather(memberId(id, i), into);
  }

  /** Where those behind this one begin. Of one that is gone and was nobody's last, at the beginning. */
  #indexBehind(id: string): number {
    const cursor = this.#listCursor;
    return this.#indexBehindOrder(this.orderOf(id) ?? (cursor?.id === id ? cursor.order : -1));
  }

  #indexBehindOrder(order: number): number {
    let low = 0;
    let high = this.#inOrder.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#inOrder[middle] as Entry).order <= order) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #enter(entry: Entry): void {
    const { record } = entry;
    const moment = dueMoment(record);
    if (moment !== undefined) this.#due.set(record.id, moment);
    if (record.state === 'queued') {
      const { id, name, key, queuedAt = record.submittedAt } = record;
      const expiresAt = record.run === 0 ? record.expiresAt : undefined;
      const { order } = entry;
      entry.place = { id, name, key, expiresAt, queuedAt, order, isLeft: false };
      this.#queue(record.queue).waiting.push(record.priority, entry.place);
    } else if (record.state === 'running') {
      this.#queue(record.queue).running++;
    } else if (record.state === 'scheduled') this.#scheduled++;
    else if (isFinal(record.state)) {
      this.#ends.set(record.id, (record.endedAt ?? 0) + record.keepMs);
      if (record.state === 'quarantined') this.#quarantined++;
    }
  }

  #leave(entry: Entry): void {
    const { record, place } = entry;
    this.#due.delete(record.id);
    entry.place = undefined;
    if (record.state === 'queued') {
      if (place !== undefined && !place.isLeft) this.#queue(record.queue).waiting.leave(place);
    } else if (record.state === 'running') {
      this.#queue(record.queue).running--;
    } else if (record.state === 'scheduled') this.#scheduled--;
    else if (isFinal(record.state)) {
      this.#ends.delete(record.id);
      if (record.state === 'quarantined') this.#quarantined--;
    }
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

/** When it has to be looked at: it is due, expires, or its lease is over. */
export function dueMoment(record: TaskRecord): number | undefined {
  const expiresAt = record.run === 0 ? record.expiresAt : undefined;
  switch (record.state) {
    case 'scheduled':
      return expiresAt === undefined ? record.dueAt : Math.min(record.dueAt, expiresAt);
    case 'queued':
      return expiresAt;
    case 'running': {
      const { leaseUntil, startedAt = 0 } = record;
      // What cannot be lost is not looked at.
      const isForEver = leaseUntil !== undefined && leaseUntil - startedAt >= FOREVER_MS;
      return isForEver ? undefined : leaseUntil;
    }
    default:
      return undefined;
  }
}

function passes(record: TaskRecord, { state, queue, name, root }: TaskFilter): boolean {
  if (root !== undefined && record.root !== root) return false;
  if (queue !== undefined && record.queue !== queue) return false;
  if (name !== undefined && record.name !== name) return false;
  if (state === undefined) return true;
  return typeof state === 'string' ? record.state === state : state.includes(record.state);
}
