/**
 * Who waits for which task. Told by the store's actor of what has been kept, in order; never polls. Tells
 * those who listen, too, in the order in which it happened.
 */

import { type Down, type Pid, type Ref, type ReplyTo, type ServerSelf, server } from 'beamish';
import type { Effect } from '../state/events.ts';
import type { TaskRecord } from '../state/record.ts';
import { decode } from '../terms/codec.ts';
import type { TaskFailure } from '../terms/failure.ts';
import { readFailure } from '../terms/outcome.ts';
import { without } from '../terms/without.ts';
import type { FullAddress } from './asking.ts';
import { emit, type Hub } from './hub.ts';
import type {
  AwaitMany,
  AwaitMore,
  AwaitOutcome,
  Changed,
  EndedOnes,
  Found,
  News,
  OthersChanged,
  WaitersMessage,
} from './messages.ts';
import type { Plan } from './plan.ts';
import { reportEnd } from './reports.ts';

export const waitersServer = server((self: ServerSelf<WaitersMessage>, plan: Plan) => {
  // Its end comes in its turn, behind what is to be told.
  self.trapExit(true);
  const waiters = new Waiters(self, plan);
  return {
    info: {
      news: (news: News) => waiters.news(news),
      await: (wait: AwaitOutcome) => waiters.await(wait),
      await_many: (wait: AwaitMany) => waiters.awaitMany(wait),
      await_more: (wait: AwaitMore) => waiters.awaitMore(wait),
      give_up: ({ id, token }: Extract<WaitersMessage, { tag: 'give_up' }>) =>
        waiters.giveUp(id, token),
      watch: ({ id, watcher, found }: Extract<WaitersMessage, { tag: 'watch' }>) =>
        waiters.watch(id, watcher, found),
      progress: ({ id, value }: Extract<WaitersMessage, { tag: 'progress' }>) =>
        waiters.progress(id, value),
      others: ({ ids }: OthersChanged) => waiters.others(ids),
      DOWN: ({ ref }: Down) => waiters.gone(ref),
    },
    state: { get: () => ({ waiting: waiters.size }) },
  };
});

interface Waiter {
  readonly replyTo: ReplyTo<string>;
  /** Of an actor. */
  readonly monitor: Ref | undefined;
}

/** Of the outside: many tasks that are waited for with one token. */
interface Many {
  readonly token: string;
  /** How many have not ended. */
  left: number;
  /** Those that have, and were not told yet. */
  places: number[];
  outcomes: string[];
  /** Set while somebody is to be told. */
  replyTo: ReplyTo<EndedOnes | undefined> | undefined;
  /** Of a system that is not this one. */
  readonly monitor: Ref | undefined;
}

/** A place among those of one token. */
interface Place {
  readonly many: Many;
  readonly place: number;
  /** Where the same task is waited for, too. */
  readonly other: Place | undefined;
}

class Waiters {
  readonly #self: ServerSelf<WaitersMessage>;
  readonly #hub: Hub;
  readonly #address: FullAddress;
  /** By the id of the task, and then by token. */
  readonly #waits = new Map<string, Map<string, Waiter>>();
  readonly #manyByToken = new Map<string, Many>();
  #placesById = new Map<string, Place>();
  readonly #watchers = new Map<string, Map<Pid<Changed>, Ref>>();
  /** What is forgotten when an actor has ended. */
  readonly #monitors = new Map<Ref, () => void>();
  /** Of tasks that somebody watches: as it was told last, for its progress. */
  readonly #latest = new Map<string, TaskRecord>();

  constructor(self: ServerSelf<WaitersMessage>, { hub, address }: Plan) {
    this.#self = self;
    this.#hub = hub;
    this.#address = address;
  }

  get size(): number {
    return this.#waits.size + this.#placesById.size + this.#watchers.size;
  }

  news({ changed, told }: News): void {
    const ended: Many[] = [];
    for (const record of changed) {
      if (record.outcome !== undefined) this.#answer(record.id, record.outcome, ended);
      if (this.#watchers.size > 0 && this.#watchers.has(record.id)) this.#show(record, undefined);
    }
    for (const many of ended) this.#tellMany(many);
    for (const tell of told) this.#tell(tell);
  }

  awaitMany({ token, ids, outcomes, by, replyTo }: AwaitMany): void {
    const isElsewhere = by.system !== this.#self.pid.system;
    const monitor = isElsewhere ? this.#monitor(by, () => this.#giveUpMany(many)) : undefined;
    const many: Many = { token, left: 0, places: [], outcomes: [], replyTo, monitor };
    this.#manyByToken.set(token, many);
    ids.forEach((id, place) => {
      const outcome = outcomes[place];
      if (outcome !== undefined) {
        many.places.push(place);
        many.outcomes.push(outcome);
        return;
      }
      many.left++;
      this.#placesById.set(id, { many, place, other: this.#placesById.get(id) });
    });
    this.#tellMany(many);
  }

  awaitMore({ token, replyTo }: AwaitMore): void {
    const many = this.#manyByToken.get(token);
    if (many === undefined) return this.#self.send(replyTo, undefined);
    many.replyTo = replyTo;
    this.#tellMany(many);
  }

  await({ id, wait: { token, by }, replyTo }: AwaitOutcome): void {
    const waits = this.#waits.get(id) ?? new Map<string, Waiter>();
    this.#waits.set(id, waits);
    const monitor = by === undefined ? undefined : this.#monitor(by, () => this.giveUp(id, token));
    waits.set(token, { replyTo, monitor });
  }

  giveUp(id: string, token: string): void {
    const waits = this.#waits.get(id);
    const waiter = waits?.get(token);
    if (waits === undefined || waiter === undefined) return;
    this.#unmonitor(waiter.monitor);
    waits.delete(token);
    if (waits.size === 0) this.#waits.delete(id);
  }

  watch(id: string, watcher: Pid<Changed>, found: Found | undefined): void {
    if (found !== undefined)
      this.#self.send(watcher, { tag: 'changed', record: found.record, progress: found.progress });
    if (found?.record.outcome !== undefined) return;
    if (found !== undefined) this.#latest.set(id, found.record);
    const watchers = this.#watchers.get(id) ?? new Map<Pid<Changed>, Ref>();
    this.#watchers.set(id, watchers);
    watchers.set(
      watcher,
      this.#monitor(watcher as Pid, () => this.#unwatch(id, watcher)),
    );
  }

  progress(id: string, value: string): void {
    const record = this.#latest.get(id);
    if (record !== undefined) this.#show(record, value);
    if (this.#hub.events.listenerCount('progress') > 0)
      emit(this.#self, this.#hub, 'progress', { id, value: decode(value) });
  }

  /** Asks for those that somebody here waits for. */
  others(changed: readonly string[] | undefined): void {
    const all = [this.#waits, this.#placesById, this.#watchers];
    const waited = changed ?? [...new Set(all.flatMap((each) => [...each.keys()]))];
    const ids = waited.filter((id) => all.some((each) => each.has(id)));
    if (ids.length > 0) this.#self.send(this.#address as never, { tag: 'tell', ids } as never);
  }

  gone(ref: Ref): void {
    const forget = this.#monitors.get(ref);
    this.#monitors.delete(ref);
    forget?.();
  }

  /** Puts those into `ended` that may be told of it. */
  #answer(id: string, outcome: string, ended: Many[]): void {
    let waiting = this.#placesById.get(id);
    if (waiting !== undefined) this.#placesById = without(this.#placesById, id);
    for (; waiting !== undefined; waiting = waiting.other) {
      const { many, place } = waiting;
      // Who has more to be told of is there already, or has not asked for it.
      if (many.places.length === 0) ended.push(many);
      many.left--;
      many.places.push(place);
      many.outcomes.push(outcome);
    }
    if (this.#waits.size === 0) return;
    const waits = this.#waits.get(id);
    if (waits === undefined) return;
    this.#waits.delete(id);
    for (const { replyTo, monitor } of waits.values()) {
      this.#unmonitor(monitor);
      this.#self.send(replyTo, outcome);
    }
  }

  /** If there is somebody to tell, and something. */
  #tellMany(many: Many): void {
    const { token, places, outcomes, replyTo, monitor } = many;
    if (replyTo === undefined || places.length === 0) return;
    many.places = [];
    many.outcomes = [];
    many.replyTo = undefined;
    if (many.left === 0) {
      this.#manyByToken.delete(token);
      this.#unmonitor(monitor);
    }
    this.#self.send(replyTo, { places, outcomes });
  }

  /** Whoever waited is gone. */
  #giveUpMany(many: Many): void {
    this.#manyByToken.delete(many.token);
    for (const [id, those] of this.#placesById) {
      const left = placesWithout(those, many);
      if (left === undefined) this.#placesById.delete(id);
      else this.#placesById.set(id, left);
    }
  }

  #show(record: TaskRecord, progress: string | undefined): void {
    const watchers = this.#watchers.get(record.id);
    if (watchers === undefined) return;
    this.#latest.set(record.id, record);
    for (const watcher of watchers.keys())
      this.#self.send(watcher, { tag: 'changed', record, progress });
    if (record.outcome !== undefined)
      for (const watcher of [...watchers.keys()]) this.#unwatch(record.id, watcher);
  }

  #unwatch(id: string, watcher: Pid<Changed>): void {
    const watchers = this.#watchers.get(id);
    this.#unmonitor(watchers?.get(watcher));
    watchers?.delete(watcher);
    if (watchers === undefined || watchers.size > 0) return;
    this.#watchers.delete(id);
    this.#latest.delete(id);
  }

  #monitor(pid: Pid, forget: () => void): Ref {
    const ref = this.#self.monitor(pid);
    this.#monitors.set(ref, forget);
    return ref;
  }

  #unmonitor(ref: Ref | undefined): void {
    if (ref === undefined || !this.#monitors.delete(ref)) return;
    this.#self.demonitor(ref, { flush: true });
  }

  #tell(tell: Extract<Effect, { readonly kind: 'tell' }>): void {
    if (tell.event === 'failed') reportEnd(this.#self, tell.of);
    if (this.#hub.events.listenerCount(tell.event) === 0) return;
    const { of: record } = tell;
    const { id, name } = record;
    switch (tell.event) {
      case 'submitted': {
        const dueAt = record.state === 'scheduled' || record.dueAt > record.submittedAt;
        return emit(this.#self, this.#hub, 'submitted', {
          id,
          name,
          queue: record.queue,
          dueAt: dueAt ? new Date(record.dueAt) : undefined,
        });
      }
      case 'started': {
        const { attempt, run, worker = '' } = record;
        return emit(this.#self, this.#hub, 'started', { id, name, attempt, run, worker });
      }
      case 'succeeded': {
        const { endedAt = 0, startedAt = endedAt } = record;
        return emit(this.#self, this.#hub, 'succeeded', { id, name, ms: endedAt - startedAt });
      }
      case 'retrying':
        return emit(this.#self, this.#hub, 'retrying', {
          id,
          name,
          attempt: record.attempt - 1,
          dueAt: new Date(record.dueAt),
          failure: decode(tell.failure ?? 'null') as TaskFailure,
        });
      case 'failed':
        return emit(this.#self, this.#hub, 'failed', {
          id,
          name,
          failure: readFailure(record.outcome as string),
        });
      case 'lost': {
        const { run, crashes } = record;
        return emit(this.#self, this.#hub, 'lost', {
          id,
          name,
          run,
          crashes,
          why: tell.why ?? 'runner',
        });
      }
    }
  }
}

function placesWithout(those: Place, many: Many): Place | undefined {
  let left: Place | undefined;
  for (let each: Place | undefined = those; each !== undefined; each = each.other)
    if (each.many !== many) left = { ...each, other: left };
  return left;
}
