/** What has been counted since the start. */

import type { Effect } from '../state/events.ts';
import type { Counts } from '../stores/store.ts';
import { isFinal, type TaskState } from '../terms/task-state.ts';
import type { TasksStats } from './stats.ts';

interface Known {
  readonly queues: Iterable<string>;
  readonly paused: ReadonlySet<string>;
  readonly workers: TasksStats['workers'];
  readonly now: number;
  readonly isLeader: boolean;
}

export class Tally {
  readonly #ended = new Map<string, Map<TaskState, number>>();

  count({ of: { name, state } }: Extract<Effect, { readonly kind: 'tell' }>): void {
    if (!isFinal(state)) return;
    const states = this.#ended.get(name) ?? new Map<TaskState, number>();
    this.#ended.set(name, states);
    states.set(state, (states.get(state) ?? 0) + 1);
  }

  stats(counts: Counts, { queues, paused, workers, now, isLeader }: Known): TasksStats {
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
    };
  }
}
