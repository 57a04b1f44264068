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
import type { FullAddress } from './asking.ts';
import { emit, type Hub } from './hub.ts';
import type {
  AwaitOutcome,
  Changed,
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

class Waiters {
  readonly #self: ServerSelf<WaitersMessage>;
  readonly #hub: Hub;
  readonly #address: FullAddress;
  /** By the id of the task, and then by token. */
  readonly #waits = new Map<string, Map<string, Waiter>>();
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
    return this.#waits.size + this.#watchers.size;
  }

  news({ changed, told }: News): void {
    for (const record of changed) {
      if (record.outcome !== undefined) this.#answer(record.id, record.outcome);
      if (this.#watchers.has(record.id)) this.#show(record, undefined);
    }
    for (const tell of told) this.#tell(tell);
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
    const waited = changed ?? [...new Set([...this.#waits.keys(), ...this.#watchers.keys()])];
    const ids = waited.filter((id) => this.#waits.has(id) || this.#watchers.has(id));
    if (ids.length > 0) this.#self.send(this.#address as never, { tag: 'tell', ids } as never);
  }

  gone(ref: Ref): void {
    const forget = this.#monitors.get(ref);
    this.#monitors.delete(ref);
    forget?.();
  }

  #answer(id: string, outcome: string): void {
    const waits = this.#waits.get(id);
    if (waits === undefined) return;
    this.#waits.delete(id);
    for (const { replyTo, monitor } of waits.values()) {
      this.#unmonitor(monitor);
      this.#self.send(replyTo, outcome);
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
