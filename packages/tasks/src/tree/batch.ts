/**
 * What happens to tasks in one turn of the store's actor, as one change: each event is applied to the
 * record as the events before it left it, with all that follows from it for others.
 */

import type { Context, Step } from 'beamish';
import type { Applied, Effect, Refused, TaskEvent } from '../state/events.ts';
import type { TaskRecord } from '../state/record.ts';
import { transition } from '../state/transition.ts';
import type { Answer, Change, NoteChange, Store } from '../stores/store.ts';
import { isFinal } from '../terms/task-state.ts';
import { changesOf, Part, type Seen } from './changes.ts';

/** Steps of the actor that has the batch: they suspend only where the store answers with a promise. */
export type Steps<T> = Generator<Step, T, unknown>;

/** Outcomes that are asked for at a time. */
const OUTCOMES = 1000;

/** A task that is to be made is there already. */
export class IdTaken extends Error {
  constructor(id: string) {
    super(`Cannot make the task ${id}: there is one of this id already`);
  }

  override get name(): string {
    return 'IdTaken';
  }
}

export interface BatchOptions {
  readonly store: Store;
  /** To wait for the store with; not used where it answers at once. */
  readonly self: Pick<Context, 'wait'>;
  /** What the limits of a task that is new are counted by. */
  readonly keyOf: (record: TaskRecord) => string | undefined;
}

interface Undo {
  seen: Seen;
  was: TaskRecord | undefined;
}

export class Batch {
  readonly effects: Effect[] = [];
  readonly #options: BatchOptions;
  readonly #seen = new Map<string, Seen>();
  /** In order; those that nobody could know before, too. */
  readonly #all: Seen[] = [];
  /** Those that are new in it. */
  readonly #unique = new Map<string, string>();
  /** Of the request that is at work, if that is to be kept whole. */
  #part: Part | undefined;
  readonly #parts = new Set<Part>();
  /** The store is asked for one after the other only by those who wait. */
  #isFar: boolean;
  /** What the event that is being applied has changed so far: the first `#undos` of them. */
  readonly #undo: Undo[] = [];
  #undos = 0;

  constructor(options: BatchOptions) {
    this.#options = options;
    this.#isFar = options.store.findMany !== undefined;
  }

  /** As it is after everything so far. */
  *find(id: string): Steps<TaskRecord | undefined> {
    return (yield* this.#look(id)).now;
  }

  /** Finds those that will be asked for, at once where that pays. */
  *prefetch(ids: readonly string[]): Steps<void> {
    const { store } = this.#options;
    if (store.findMany === undefined || ids.length < 2) return;
    const found = new Map<string, TaskRecord>();
    for (const record of yield* this.got(store.findMany(ids))) found.set(record.id, record);
    for (const id of ids) this.#see(id, found.get(id));
  }

  /** The store has just answered with this one, so it need not be asked for it. */
  meet(record: TaskRecord): void {
    if (!this.#seen.has(record.id)) this.#see(record.id, record);
  }

  /** As it is now, of one that has been found. */
  known(id: string): TaskRecord | undefined {
    return this.#seen.get(id)?.now;
  }

  *findUnique(key: string): Steps<TaskRecord | undefined> {
    const id = this.#unique.get(key);
    if (id !== undefined) return yield* this.find(id);
    const found = yield* this.got(this.#options.store.findUnique(key));
    return found && (yield* this.find(found.id));
  }

  /**
   * Applies it, with all that follows. Refused, nothing has happened.
   *
   * @throws IdTaken for a task that is made by it and is there already; nothing has happened then, either.
   */
  *apply(id: string, event: TaskEvent): Steps<Applied | Refused> {
    const now = this.applyNow(id, event);
    if (now !== undefined) return now;
    const before = this.effects.length;
    this.#undos = 0;
    try {
      const result = yield* this.#applyAll(id, event);
      this.#unite();
      return result;
    } catch (error) {
      this.#rollBack(before);
      throw error;
    }
  }

  /**
   * As `apply`, without a step: undefined, and nothing has happened, where the store has to be waited for. Most of
   * what happens to tasks takes this way, which makes no generators.
   */
  applyNow(id: string, event: TaskEvent): Applied | Refused | undefined {
    const before = this.effects.length;
    this.#undos = 0;
    try {
      const first = this.#applyAllNow(id, event);
      if (first === undefined) this.#rollBack(before);
      else this.#unite();
      return first;
    } catch (error) {
      this.#rollBack(before);
      throw error;
    }
  }

  /** A task whose id nobody has heard of: there is none of it, and nobody asks for it before this is kept. */
  submitNew(task: TaskRecord, now: number): void {
    const result = transition(undefined, { kind: 'submit', task, now }) as Applied;
    const record = this.#keyed(result.record as TaskRecord);
    this.#all.push({ id: record.id, found: undefined, now: record, part: this.#part, isNew: true });
    for (const effect of result.effects) this.effects.push(effect);
  }

  /** Whether it can be asked for by `known`: it has been found, or is at hand. */
  isAtHand(id: string): boolean {
    return this.#lookNow(id) !== undefined;
  }

  #rollBack(effects: number): void {
    while (this.#undos > 0) {
      const { seen, was } = this.#undo[--this.#undos] as Undo;
      seen.now = was;
    }
    this.effects.length = effects;
  }

  #applyAllNow(id: string, event: TaskEvent): Applied | Refused | undefined {
    const first = this.#applyOneNow(id, event);
    if (first === undefined || 'refused' in first || first.also.length === 0) return first;
    const events = [...first.also];
    for (let i = 0; i < events.length; i++) {
      const next = events[i] as (typeof events)[0];
      const result = this.#applyOneNow(next.id, next.event);
      if (result === undefined) return undefined;
      if (!('refused' in result)) for (const also of result.also) events.push(also);
    }
    return first;
  }

  #applyOneNow(id: string, event: TaskEvent): Applied | Refused | undefined {
    const seen = this.#lookNow(id);
    if (seen === undefined || needsOthers(seen.now, event)) return undefined;
    const result = transition(seen.now, event);
    if ('refused' in result) return result;
    for (const { id: its } of result.insert) if (this.#lookNow(its) === undefined) return undefined;
    this.#enter(seen, result);
    for (const record of result.insert) this.#enterNew(this.#lookNow(record.id) as Seen, record);
    return result;
  }

  *#applyAll(id: string, event: TaskEvent): Steps<Applied | Refused> {
    let first: Applied | Refused | undefined;
    const events: { readonly id: string; readonly event: TaskEvent }[] = [{ id, event }];
    for (let i = 0; i < events.length; i++) {
      const next = events[i] as (typeof events)[0];
      const seen = yield* this.#look(next.id);
      const result = transition(seen.now, yield* this.#completed(seen.now, next.event));
      first ??= result;
      if ('refused' in result) continue;
      this.#enter(seen, result);
      for (const record of result.insert) this.#enterNew(yield* this.#look(record.id), record);
      for (const also of result.also) events.push(also);
    }
    return first as Applied | Refused;
  }

  /** What is applied from now on, until this is called again, is kept whole or not at all. */
  together(): void {
    this.#part = new Part();
  }

  /** What is applied from now on is kept each on its own. */
  apart(): void {
    this.#part = undefined;
  }

  note(note: NoteChange): void {
    const part = this.#part ?? new Part();
    this.#parts.add(part);
    part.whole.notes.push(note);
  }

  /** Everything that has changed, in as many changes as nobody has asked to be kept together. */
  changes(): readonly Change[] {
    return changesOf(this.#all, this.#parts);
  }

  /** What has changed, as it is now, but for what is new to everybody. */
  changed(): TaskRecord[] {
    const changed: TaskRecord[] = [];
    for (const { found, now, isNew } of this.#all)
      if (now !== undefined && now !== found && !isNew) changed.push(now);
    return changed;
  }

  *got<T>(answer: Answer<T>): Steps<T> {
    return answer instanceof Promise ? yield* this.#options.self.wait(answer) : answer;
  }

  *#look(id: string): Steps<Seen> {
    const seen = this.#lookNow(id);
    if (seen !== undefined) return seen;
    const answer = this.#options.store.find(id);
    const found = answer instanceof Promise ? yield* this.#options.self.wait(answer) : answer;
    return this.#see(id, found);
  }

  /** Undefined if the store has to be waited for. */
  #lookNow(id: string): Seen | undefined {
    const seen = this.#seen.get(id);
    if (seen !== undefined || this.#isFar) return seen;
    const found = this.#options.store.find(id);
    if (!(found instanceof Promise)) return this.#see(id, found);
    // It is asked again by whoever waits, and not without waiting any more.
    this.#isFar = true;
    found.catch(() => {});
    return undefined;
  }

  #see(id: string, found: TaskRecord | undefined): Seen {
    const made: Seen = { id, found, now: found, part: undefined, isNew: false };
    this.#seen.set(id, made);
    this.#all.push(made);
    return made;
  }

  /** What one event has changed is kept whole. */
  #unite(): void {
    if (this.#undos === 0 || (this.#undos === 1 && this.#part === undefined)) return;
    const part = this.#part ?? this.#undo[0]?.seen.part ?? new Part();
    for (let i = 0; i < this.#undos; i++) {
      const { seen } = this.#undo[i] as Undo;
      if (seen.part === undefined) seen.part = part;
      else part.join(seen.part);
    }
  }

  #enter(seen: Seen, { record, effects }: Applied): void {
    const isNew = seen.now === undefined && record !== undefined;
    this.#become(seen, isNew ? this.#keyed(record) : record);
    for (const effect of effects) this.effects.push(effect);
  }

  #enterNew(seen: Seen, record: TaskRecord): void {
    if (seen.now !== undefined) throw new IdTaken(record.id);
    this.#become(seen, this.#keyed(record));
  }

  #become(seen: Seen, now: TaskRecord | undefined): void {
    const undo = this.#undo[this.#undos];
    if (undo === undefined) this.#undo.push({ seen, was: seen.now });
    else {
      undo.seen = seen;
      undo.was = seen.now;
    }
    this.#undos++;
    seen.now = now;
    if (now?.unique !== undefined && seen.found === undefined) this.#unique.set(now.unique, now.id);
  }

  #keyed(record: TaskRecord): TaskRecord {
    const key = record.members === undefined ? this.#options.keyOf(record) : undefined;
    return key === undefined ? record : { ...record, key };
  }

  /** With what the table has to know of others. */
  *#completed(record: TaskRecord | undefined, event: TaskEvent): Steps<TaskEvent> {
    if (record === undefined) return event;
    switch (event.kind) {
      case 'member': {
        if (!needsOthers(record, event)) return event;
        return { ...event, outcomes: yield* this.#outcomes(record) };
      }
      case 'retry': {
        const joinIsOpen = yield* this.#joinIsOpen(record);
        if (record.members === undefined) return { ...event, joinIsOpen };
        return { ...event, joinIsOpen, outcomes: yield* this.#outcomes(record) };
      }
      case 'forget':
        return { ...event, joinIsOpen: yield* this.#joinMayGoOn(record) };
      default:
        return event;
    }
  }

  *#joinIsOpen({ join }: TaskRecord): Steps<boolean> {
    const joined = join && (yield* this.find(join.id));
    return joined !== undefined && !isFinal(joined.state);
  }

  /** An operator may put back one that failed, and it needs its members then. */
  *#joinMayGoOn({ join }: TaskRecord): Steps<boolean> {
    const joined = join && (yield* this.find(join.id));
    return joined !== undefined && joined.state !== 'succeeded';
  }

  *#outcomes({ id, members }: TaskRecord): Steps<(string | undefined)[]> {
    const all = members?.all ?? 0;
    const outcomes: (string | undefined)[] = [];
    for (let from = 0; from < all; from += OUTCOMES) {
      const page = yield* this.got(this.#options.store.outcomes(id, from, OUTCOMES));
      for (let i = 0; i < OUTCOMES && from + i < all; i++) outcomes.push(page[i]);
    }
    for (const { now } of this.#seen.values())
      if (now?.join?.id === id) outcomes[now.join.index] = now.outcome;
    return outcomes;
  }
}

/** Whether the table has to know of others, as `#completed` says. */
function needsOthers(record: TaskRecord | undefined, event: TaskEvent): boolean {
  if (record === undefined) return false;
  switch (event.kind) {
    case 'member': {
      const { members } = record;
      const isLast = members?.kind === 'group' && members.pending === 1;
      return isLast && (event.ok || members.settle);
    }
    case 'retry':
    case 'forget':
      return true;
    default:
      return false;
  }
}
