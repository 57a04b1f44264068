/** What has been counted since the start. */

import type { Effect } from '../state/events.ts';
import type { TaskRecord } from '../state/record.ts';
import type { Counts } from '../stores/store.ts';
import { isFinal, type TaskState } from '../terms/task-state.ts';
import type { TasksStats } from './stats.ts';

interface Known {
  readonly queues: Iterable<string>;
  readonly paused: ReadonlySet<string>;
  readonly workers: TasksStats['workers'];
  readonly now: number;
  readonly isLeader: boolean;
  readonly store: TasksStats['store'];
}

/** So many of those that ended without success are remembered. */
const REMEMBERED = 100;

export class Tally {
  readonly #ended = new Map<string, Map<TaskState, number>>();
  /** By id, the latest last. */
  readonly #failures = new Map<string, TaskRecord>();

  /** Those that ended without success here, the latest first. */
  failures(): TaskRecord[] {
    return [...this.#failures.values()].reverse();
  }

  count({ event, of }: Extract<Effect, { readonly kind: 'tell' }>): void {
    const { id, name, state } = of;
    if (!isFinal(state)) return;
    if (event === 'failed') {
      this.#failures.delete(id);
      this.#failures.set(id, of);
      if (this.#failures.size > REMEMBERED)
        this.#failures.delete(this.#failures.keys().next().value as string);
    }
    const states = this.#ended.get(name) ?? new Map<TaskState, number>();
    this.#ended.set(name, states);
    states.set(state, (states.get(state) ?? 0) + 1);
  }

  stats(counts: Counts, { queues, paused, workers, now, isLeader, store }: Known): TasksStats {
    const names = new Set([...queues, ...paused, ...Object.keys(counts.queues)]);
    return {
      queues: Object.fromEntries(
        [...names].map((name) => {
          const { queued = 0, running = 0, oldestAt = now } = counts.queues[name] ?? {};
          const oldestMs = Math.max(0, now - oldestAt);
          return [name, { queued, running, paused: paused.has(name), oldestMs }];
        }),
      ),
      scheduled: counts.scheduled,
      quarantined: counts.quarantined,
      workers,
      ended: Object.fromEntries(
        [...this.#ended].map(([name, states]) => [name, Object.fromEntries(states)]),
      ),
      isLeader,
      store,
    };
  }
}
