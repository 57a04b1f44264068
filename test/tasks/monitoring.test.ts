/** What an application tells of itself: to its log, to an observer's page, to Prometheus. */

import { defineTask, memory, metrics, onFailure, type TaskSelf, tasks } from '@beamish/tasks';
import { eager } from '@beamish/tasks/testing';
import { type Actor, ActorSystem } from 'beamish';
import { type PanelTable, panelsOf } from 'beamish/observation';
import { afterEach, expect, test, vi } from 'vitest';
import { Log } from '../support/log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const wait = defineTask('wait', function* (self, ms: number): Actor<string> {
  yield* self.sleep(ms);
  return 'waited';
});
const fails = defineTask(
  'fails',
  { retry: { max: 1, backoff: () => 1 } },
  (self: TaskSelf, why: string): number => {
    if (self.task.saved === undefined && why !== '') throw new Error(why);
    return 1;
  },
);
let repaired = false;
const broken = defineTask('broken', () => {
  if (!repaired) throw new Error('not yet');
  return 'repaired';
});

function table(tables: readonly PanelTable[] | undefined, title: string): PanelTable {
  return tables?.find((each) => each.title === title) as PanelTable;
}

test('each end without success is one line of the log, with id, name, attempt, why, and what comes next', async () => {
  const log = Log.ofStderr();
  const system = new ActorSystem({ name: 'main', log: 'text' });
  const app = await tasks(system, { tasks: [fails, wait], store: memory() });
  const handled = onFailure(fails.s('handled'), wait.s(0));
  await (await app.submit(fails.s('x'), { id: 'plain' })).get().catch(() => {});
  await (await app.submit(handled, { id: 'handled' })).get().catch(() => {});
  await app.close();
  await system.shutdown();
  expect(log.lines.filter((line) => line.includes('task fails'))).toEqual([
    expect.stringContaining('task fails (plain) failed in attempt 2: x; retry(id) puts it back'),
    expect.stringContaining(
      'task fails (handled) failed in attempt 2: handled; its handler is submitted',
    ),
  ]);
});

test('an observer is shown queues with depth and age, workers, what runs and what failed, and can retry, revoke, pause and resume', async () => {
  repaired = false;
  await using app = eager({ tasks: [wait, broken], workers: [{ concurrency: 1 }] });
  await app.submit(broken.s(), { id: 'broken' });
  await app.advance(10);
  await app.submit(wait.s(60_000), { id: 'long' });
  await app.submit(wait.s(1), { id: 'behind' });
  await app.advance(2000);
  const panel = panelsOf(app.system).find(({ title }) => title === 'Tasks "tasks"');
  const look = async () => await panel?.look();
  let tables = await look();
  expect(table(tables, 'Queues')).toMatchObject({
    rows: [{ id: 'default', cells: ['default', 1, 1, 2000, null] }],
    actions: ['pause', 'resume'],
  });
  expect(table(tables, 'Workers').rows).toEqual([
    { id: 'worker-1', cells: ['worker-1', 'default', 1, 1, 0] },
  ]);
  expect(table(tables, 'Running').rows).toEqual([
    { id: 'long', cells: ['wait', 'long', 2000, 1, 'worker-1'] },
  ]);
  expect(table(tables, 'Ended without success').rows).toMatchObject([
    { id: 'broken', cells: ['broken', 'broken', expect.any(Number), 'failed', 1, 'not yet'] },
  ]);
  expect(table(tables, 'By state').rows.map(({ cells }) => cells)).toContainEqual([
    'failed since the start',
    'broken',
    1,
  ]);
  for (const each of tables ?? [])
    for (const { cells } of each.rows) expect(cells).toHaveLength(each.columns.length);

  const act = async (action: string, row: string) => {
    const acting = panel?.act?.(action, row);
    await app.advance(0);
    return await acting;
  };
  expect(await act('pause', 'default')).toEqual({ ok: true });
  repaired = true;
  expect(await act('retry', 'broken')).toEqual({ ok: true });
  expect(await act('revoke', 'long')).toEqual({ ok: true });
  expect(await act('revoke', 'behind')).toEqual({ ok: false, reason: 'refused' });
  expect(await act('retry', 'behind')).toEqual({ ok: false, reason: 'refused' });
  await app.advance(10_000);
  tables = await look();
  expect(table(tables, 'Queues').rows).toMatchObject([
    { cells: ['default', 2, 0, expect.any(Number), 'paused'], severity: 'hint' },
  ]);
  expect(table(tables, 'Ended without success').rows.map(({ id }) => id)).toEqual(['long']);
  expect(await act('resume', 'default')).toEqual({ ok: true });
  await app.advance(10);
  expect(await app.handle('broken').get()).toBe('repaired');
  const { system } = app;
  await app.close();
  expect(panelsOf(system)).toEqual([]);
});

test('figures for Prometheus: depth, age and running by queue, ends by state and name, durations, lag', async () => {
  await using app = eager({ tasks: [wait, broken], workers: [{ concurrency: 1 }] });
  const figures = metrics(app);
  repaired = false;
  await app.submit(broken.s());
  await app.run(wait.s(40));
  await app.submit(wait.s(60_000));
  await app.submit(wait.s(1));
  await app.submit(wait.s(1), { delayMs: 600_000 });
  await app.advance(1500);
  const text = await figures.text();
  for (const line of [
    'beamish_tasks_queued{queue="default"} 1',
    'beamish_tasks_running{queue="default"} 1',
    'beamish_tasks_oldest_seconds{queue="default"} 1.5',
    'beamish_tasks_scheduled 1',
    'beamish_tasks_quarantined 0',
    'beamish_tasks_runners{worker="worker-1"} 1',
    'beamish_tasks_ended_total{state="failed",name="broken"} 1',
    'beamish_tasks_ended_total{state="succeeded",name="wait"} 1',
    'beamish_tasks_duration_seconds_bucket{name="wait",le="0.025"} 0',
    'beamish_tasks_duration_seconds_bucket{name="wait",le="0.05"} 1',
    'beamish_tasks_duration_seconds_bucket{name="wait",le="+Inf"} 1',
    'beamish_tasks_duration_seconds_sum{name="wait"} 0.04',
    'beamish_tasks_duration_seconds_count{name="wait"} 1',
  ])
    expect(text.split('\n')).toContain(line);
  // Every line is a comment, or a sample that Prometheus reads.
  for (const line of text.trimEnd().split('\n'))
    expect(line).toMatch(
      /^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="([^"\\\n]|\\.)*",?)+\})? -?[\d.e+-]+)$/,
    );
  expect(text).toMatch(/^beamish_tasks_event_loop_lag_seconds \d/m);
  figures.close();
});
