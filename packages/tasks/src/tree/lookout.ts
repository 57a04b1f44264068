/** What time brings: tasks that are due, that have expired, and that nobody runs any more. */

import type { Definition } from '../canvas/definition.ts';
import type { TaskEvent } from '../state/events.ts';
import type { TaskRecord } from '../state/record.ts';
import type { Store } from '../stores/store.ts';
import { DEFAULT_MAX_CRASHES } from '../terms/task-options.ts';
import type { Time } from './time.ts';
import type { Request } from './turns.ts';

export interface LookoutOptions {
  readonly store: Store;
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Of this start of this process; no other has it. */
  readonly owner: string;
  readonly time: Time;
  readonly longestPauseMs: number;
}

/** Records in one turn. */
const PAGE = 500;
const EVER = Number.POSITIVE_INFINITY;

export class Lookout {
  readonly #options: LookoutOptions;

  constructor(options: LookoutOptions) {
    this.#options = options;
  }

  get owner(): string {
    return this.#options.owner;
  }

  /** Those that a process that is gone had. Of a store that others use, theirs are not touched while they live. */
  rescueAll(): Request {
    const { store, time } = this.#options;
    const event = (record: TaskRecord): TaskEvent => this.#lost(record);
    const isOver = ({ leaseUntil = 0 }: TaskRecord): boolean =>
      !store.shared || leaseUntil <= time.now();
    return {
      *work(batch) {
        let after: string | undefined;
        for (;;) {
          const page = yield* batch.got(store.list({ state: 'running', limit: PAGE }, after));
          for (const record of page)
            if (isOver(record)) yield* batch.apply(record.id, event(record));
          after = page.at(-1)?.id;
          if (page.length < PAGE) return () => {};
        }
      },
    };
  }

  /** The worker that had it is gone. */
  lost(record: TaskRecord): Request {
    const event = this.#lost(record);
    return {
      *work(batch) {
        yield* batch.apply(record.id, event);
        return () => {};
      },
    };
  }

  /** One page of what is due. `told` with when to look next, or with the last one of a full page. */
  due(after: string | undefined, told: (next: number, last: string | undefined) => void): Request {
    const { store, time, longestPauseMs } = this.#options;
    const eventOf = (record: TaskRecord, now: number, wall: number): TaskEvent | undefined =>
      this.#eventOf(record, now, wall);
    return {
      *work(batch) {
        // A clock that was set forward or back concerns only some of them.
        const began = time.now();
        const wall = time.wall();
        const horizon = Math.max(began, wall);
        const page = yield* batch.got(store.due(horizon, after, PAGE));
        // Of those that are not due by their own clock, the first.
        let early = EVER;
        for (const record of page) {
          const event = eventOf(record, began, wall);
          if (event !== undefined) {
            batch.meet(record);
            if (batch.applyNow(record.id, event) === undefined)
              yield* batch.apply(record.id, event);
          } else if (record.state === 'scheduled') early = Math.min(early, record.dueAt);
        }
        if (page.length === PAGE) return () => told(horizon, page.at(-1)?.id);
        const [next] = yield* batch.got(store.due(EVER, page.at(-1)?.id, 1));
        const isNever = next === undefined || (next.state === 'running' && !store.shared);
        const at = Math.min(early, isNever ? EVER : momentOf(next));
        if (at === EVER) return () => told(EVER, undefined);
        const now = time.now();
        return () => told(Math.max(now + 1, Math.min(at, now + longestPauseMs)), undefined);
      },
    };
  }

  #eventOf(record: TaskRecord, now: number, wall: number): TaskEvent | undefined {
    const { owner } = this.#options;
    const { state, run, expiresAt, worker = '' } = record;
    if (state === 'running') return worker.startsWith(`${owner}.`) ? undefined : this.#lost(record);
    if (run === 0 && expiresAt !== undefined && expiresAt <= now) return { kind: 'expire', now };
    const isDue = record.dueAt <= (record.dueBy === 'wall' ? wall : now);
    return state === 'scheduled' && isDue ? { kind: 'due', now } : undefined;
  }

  /** What nobody here knows is never given up. */
  #lost({ name, run }: TaskRecord): TaskEvent {
    const definition = this.#options.definitions.get(name);
    const maxCrashes =
      definition === undefined
        ? 'infinity'
        : (definition.options.maxCrashes ?? DEFAULT_MAX_CRASHES);
    return { kind: 'lost', run, maxCrashes, why: 'runner', now: this.#options.time.now() };
  }
}

function momentOf(record: TaskRecord): number {
  const expiresAt =
    record.run === 0 ? (record.expiresAt ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  if (record.state === 'running') return record.leaseUntil ?? 0;
  return record.state === 'queued' ? expiresAt : Math.min(record.dueAt, expiresAt);
}
