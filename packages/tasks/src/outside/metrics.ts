/** Figures of an application for Prometheus, as text. */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { TasksEvents, TasksStats } from '../tree/stats.ts';
import type { Tasks } from './tasks.ts';

/** What `metrics` makes. */
export interface Metrics {
  /** What is now, in Prometheus' text format: `Content-Type: text/plain; version=0.0.4`. */
  text(): Promise<string>;
  /** Counts no longer. */
  close(): void;
}

/** The bounds of the buckets of durations, in seconds. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

interface Durations {
  readonly counts: number[];
  sum: number;
  count: number;
}

/**
 * Counts durations from now on, and tells them with `stats()`: depth, age and running of each queue, what is
 * scheduled and in quarantine, runners, ends by state and name since the start, and the longest that the event
 * loop has stood still since it was asked last. Labels are names of queues, tasks and workers, never ids.
 *
 * ```ts
 * const figures = metrics(app);
 * server.on('request', async (_, response) => response.end(await figures.text()));
 * ```
 */
export function metrics(app: Pick<Tasks, 'stats' | 'events'>): Metrics {
  const durations = new Map<string, Durations>();
  const lag = monitorEventLoopDelay({ resolution: 10 });
  lag.enable();
  const count = ({ name, ms }: TasksEvents['succeeded']): void => {
    const its = durations.get(name) ?? { counts: BOUNDS.map(() => 0), sum: 0, count: 0 };
    durations.set(name, its);
    const seconds = ms / 1000;
    for (const [i, bound] of BOUNDS.entries())
      if (seconds <= bound) its.counts[i] = (its.counts[i] as number) + 1;
    its.sum += seconds;
    its.count++;
  };
  app.events.on('succeeded', count);
  return {
    async text() {
      const stats = await app.stats();
      const lagged = Math.max(0, lag.max / 1e9 - 0.01);
      lag.reset();
      return textOf(stats, durations, Number.isFinite(lagged) ? lagged : 0);
    },
    close() {
      app.events.off('succeeded', count);
      lag.disable();
    },
  };
}

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number, suffix?: string];

function textOf(stats: TasksStats, durations: ReadonlyMap<string, Durations>, lag: number): string {
  const queues = Object.entries(stats.queues);
  const ofQueues = (value: (queue: TasksStats['queues'][string]) => number): Sample[] =>
    queues.map(([queue, its]) => [{ queue }, value(its)]);
  const ofWorkers = (value: (worker: TasksStats['workers'][number]) => number): Sample[] =>
    stats.workers.map((its) => [{ worker: its.name }, value(its)]);
  const ended = Object.entries(stats.ended).flatMap(([name, states]) =>
    Object.entries(states).map(([state, n]): Sample => [{ state, name }, n]),
  );
  return [
    family(
      'queued',
      'gauge',
      'Tasks that wait in a queue',
      ofQueues(({ queued }) => queued),
    ),
    family(
      'running',
      'gauge',
      'Tasks of a queue that run',
      ofQueues(({ running }) => running),
    ),
    family(
      'oldest_seconds',
      'gauge',
      'Age of the oldest task that waits in a queue',
      ofQueues(({ oldestMs }) => oldestMs / 1000),
    ),
    family(
      'paused',
      'gauge',
      'Whether a queue is paused',
      ofQueues((it) => Number(it.paused)),
    ),
    family('scheduled', 'gauge', 'Tasks that wait for their moment', [[{}, stats.scheduled]]),
    family('quarantined', 'gauge', 'Tasks in quarantine', [[{}, stats.quarantined]]),
    family(
      'runners',
      'gauge',
      'Runners of a worker',
      ofWorkers(({ runners }) => runners),
    ),
    family(
      'leaked',
      'gauge',
      'Bodies that were ended and may go on',
      ofWorkers(({ leaked }) => leaked),
    ),
    family('ended_total', 'counter', 'Tasks that have ended since the start', ended),
    family(
      'duration_seconds',
      'histogram',
      'From the start of the last run to success',
      [...durations].flatMap(([name, its]) => histogram(name, its)),
    ),
    family(
      'event_loop_lag_seconds',
      'gauge',
      'The longest that the event loop has stood still since the last look',
      [[{}, lag]],
    ),
  ].join('');
}

function histogram(name: string, { counts, sum, count }: Durations): Sample[] {
  return [
    ...BOUNDS.map((le, i): Sample => [{ name, le: String(le) }, counts[i] as number, '_bucket']),
    [{ name, le: '+Inf' }, count, '_bucket'],
    [{ name }, sum, '_sum'],
    [{ name }, count, '_count'],
  ];
}

function family(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const full = `beamish_tasks_${name}`;
  const lines = samples.map(
    ([labels, value, suffix = '']) => `${full}${suffix}${written(labels)} ${value}\n`,
  );
  return `# HELP ${full} ${help}.\n# TYPE ${full} ${type}\n${lines.join('')}`;
}

function written(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
}
