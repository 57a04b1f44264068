/** What an application shows on an observer's page: its queues with depth and age, workers, what runs, what failed. */

import type { ActionResult, Panel, PanelTable } from 'beamish/observation';
import type { Counts, Store } from '../stores/store.ts';
import { readFailure } from '../terms/outcome.ts';
import { isFinal } from '../terms/task-state.ts';
import type { Dispatch } from './dispatch.ts';
import type { Requests } from './requests.ts';
import type { TasksStats } from './stats.ts';
import type { Tally } from './tally.ts';
import type { Request } from './turns.ts';

export interface PanelOptions {
  /** What the application is called. */
  readonly name: string;
  readonly store: Store;
  readonly dispatch: Dispatch;
  readonly tally: Tally;
  readonly requests: Requests;
  readonly now: () => number;
  readonly statsOf: (counts: Counts) => TasksStats;
  readonly add: (request: Request) => void;
}

/** An observer takes no more. */
const MOST_ROWS = 1000;
const NAME = { title: 'Name' };

type Cell = string | number | null;

export function panelOf(options: PanelOptions): Panel {
  const { name, store, dispatch, statsOf } = options;
  const tables = (counts: Counts): readonly PanelTable[] => {
    const stats = statsOf(counts);
    return [
      queues(stats),
      workers(stats),
      running(options),
      failures(options),
      byState(stats, counts),
    ];
  };
  return {
    title: `Tasks "${name}"`,
    look() {
      const counts = store.counts();
      return counts instanceof Promise ? counts.then(tables) : tables(counts);
    },
    act(action, row): Promise<ActionResult> {
      const { requests, add } = options;
      return new Promise((resolve) => {
        const told = (isDone: boolean): void =>
          resolve(isDone ? { ok: true } : { ok: false, reason: 'refused' });
        if (action === 'retry') add(requests.retry(row, told));
        else if (action === 'revoke' && dispatch.has(row) !== undefined)
          add(requests.revoke(row, {}, (before) => told(before !== undefined && !isFinal(before))));
        else if (action === 'pause' || action === 'resume')
          add(requests.pause(row, action === 'pause', () => told(true)));
        else told(false);
      });
    },
  };
}

function queues({ queues: all }: TasksStats): PanelTable {
  return {
    title: 'Queues',
    columns: [
      NAME,
      { title: 'Queued', unit: 'count' },
      { title: 'Running', unit: 'count' },
      { title: 'Oldest', unit: 'ms' },
      { title: 'Paused' },
    ],
    ...rowsOf(Object.entries(all), ([name, { queued, running, oldestMs, paused }]) => ({
      id: name,
      cells: [name, queued, running, queued === 0 ? null : oldestMs, paused ? 'paused' : null],
      ...(paused && { severity: 'hint' as const }),
    })),
    actions: ['pause', 'resume'],
  };
}

function workers({ workers: all }: TasksStats): PanelTable {
  return {
    title: 'Workers',
    columns: [
      NAME,
      { title: 'Queues' },
      { title: 'Runners', unit: 'count' },
      { title: 'Running', unit: 'count' },
      { title: 'Leaked', unit: 'count' },
    ],
    ...rowsOf(all, ({ name, queues: its, runners, running: busy, leaked }) => ({
      id: name,
      cells: [name, its.join(', '), runners, busy, leaked],
      ...(leaked > 0 && { severity: 'warning' as const }),
    })),
  };
}

function running({ dispatch, now }: PanelOptions): PanelTable {
  const all = [...dispatch.workers].flatMap(({ plan, has }) =>
    [...has.values()].map((record) => ({ worker: plan.name, record })),
  );
  return {
    title: 'Running',
    columns: [
      NAME,
      { title: 'Task' },
      { title: 'For', unit: 'ms' },
      { title: 'Attempt', unit: 'count' },
      { title: 'Worker' },
    ],
    ...rowsOf(all, ({ worker, record: { id, name, startedAt = now(), attempt } }) => ({
      id,
      cells: [name, id, Math.max(0, now() - startedAt), attempt, worker],
    })),
    actions: ['revoke'],
  };
}

function failures({ tally, store }: PanelOptions): PanelTable {
  const all = tally.failures().filter(({ id, version }) => {
    // One that was put back, or is forgotten, has not failed; a store that is far away is not asked.
    const found = store.find(id);
    return found instanceof Promise || found?.version === version;
  });
  return {
    title: 'Ended without success',
    columns: [
      NAME,
      { title: 'Task' },
      { title: 'At', unit: 'at' },
      { title: 'State' },
      { title: 'Attempt', unit: 'count' },
      { title: 'Why' },
    ],
    ...rowsOf(all, (record) => ({
      id: record.id,
      cells: [
        record.name,
        record.id,
        record.endedAt ?? null,
        record.state,
        record.attempt,
        readFailure(record.outcome as string).error.message,
      ],
      severity: record.state === 'revoked' ? ('hint' as const) : ('error' as const),
    })),
    actions: ['retry'],
  };
}

function byState({ ended }: TasksStats, { scheduled, quarantined }: Counts): PanelTable {
  const waiting = [
    { id: 'scheduled', cells: ['scheduled', null, scheduled] },
    { id: 'quarantined', cells: ['in quarantine', null, quarantined] },
  ];
  const since = Object.entries(ended).flatMap(([name, states]) =>
    Object.entries(states).map(([state, count]) => ({
      id: `${state} ${name}`,
      cells: [`${state} since the start`, name, count] as readonly Cell[],
    })),
  );
  return {
    title: 'By state',
    columns: [{ title: 'State' }, NAME, { title: 'Tasks', unit: 'count' }],
    ...rowsOf([...waiting, ...since], (row) => row),
  };
}

function rowsOf<T>(
  all: readonly T[],
  row: (each: T) => PanelTable['rows'][number],
): Pick<PanelTable, 'rows' | 'more'> {
  return { rows: all.slice(0, MOST_ROWS).map(row), more: Math.max(0, all.length - MOST_ROWS) };
}
