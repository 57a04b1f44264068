/** Applications on one PostgreSQL: several in this process, real processes that are killed, a database that goes away. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  chain,
  defineTask,
  each,
  type TaskSelf,
  type Tasks,
  type TasksOptions,
  tasks,
} from '@beamish/tasks';
import { postgres } from '@beamish/tasks/postgres';
import { type Actor, ActorSystem } from 'beamish';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Cuttable } from '../support/cuttable.ts';
import { FROM_SOURCE } from '../support/from-source.ts';
import {
  ask,
  dropSchema,
  freshSchema,
  hasPostgres,
  LISTENS,
  POSTGRES,
  urlOf,
} from '../support/postgres.ts';
import { double, LEASE_MS, list, sum } from './killed/shared.ts';

const SHARED = fileURLToPath(new URL('./killed/shared.ts', import.meta.url));

let schema = '';
const systems: ActorSystem[] = [];
const children: ChildProcess[] = [];
const ways: Cuttable[] = [];

async function start(options: TasksOptions, url = POSTGRES): Promise<Tasks> {
  const system = new ActorSystem({ name: 'main', log: 'off' });
  systems.push(system);
  return await tasks(system, { store: postgres(url, { schema, leaseMs: LEASE_MS }), ...options });
}

interface Served {
  readonly child: ChildProcess;
  readonly lines: string[];
}

async function serve(): Promise<Served> {
  const args = [...FROM_SOURCE, SHARED, POSTGRES, schema];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const lines: string[] = [];
  await new Promise<void>((resolve) =>
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      if (line === 'ready') resolve();
    }),
  );
  return { child, lines };
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 10));
}

const add = defineTask('add', (_self, a: number, b: number) => a + b);
const slow = defineTask('slow', function* (self: TaskSelf, ms: number): Actor<string> {
  yield* self.sleep(ms);
  return `run ${self.task.run}`;
});

describe.skipIf(!(await hasPostgres()))('applications on a PostgreSQL', () => {
  beforeEach(() => {
    schema = freshSchema();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const way of ways.splice(0)) way.mend();
    await Promise.all(systems.splice(0).map((system) => system.shutdown()));
    for (const way of ways.splice(0)) way.close();
    await dropSchema(schema);
  });

  test('what one process submits another runs, and the first one hears of its end at once', async () => {
    const submits = await start({ tasks: [list, double, sum], workers: [] });
    await start({ tasks: [list, double, sum] });
    const handle = await submits.submit(chain(list.s(20), each(double, { limit: 7 }), sum));
    expect(await handle.get({ within: 5000 })).toBe(420);
  });

  test('TSK-12: submissions of one unique key by several processes at once are one task', async () => {
    const apps = await Promise.all([1, 2, 3].map(() => start({ tasks: [add], workers: [] })));
    const handles = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        (apps[i % 3] as Tasks).submit(add.s(1, 2), { unique: 'one' }),
      ),
    );
    expect(new Set(handles.map(({ id }) => id)).size).toBe(1);
    expect(handles.filter(({ created }) => created)).toHaveLength(1);
  });

  test('a key’s limit, priorities and schedules hold as on any store', async () => {
    let running = 0;
    let most = 0;
    const keyed = defineTask(
      'keyed',
      { limits: { key: (key: string) => key, concurrency: 1 } },
      function* (self, _key: string): Actor<void> {
        most = Math.max(most, ++running);
        yield* self.sleep(5);
        running--;
      },
    );
    const fired: string[] = [];
    const tick = defineTask('tick', (self: TaskSelf) => fired.push(self.task.id));
    const app = await start({
      tasks: [keyed, tick],
      schedules: { often: { run: tick.s(), everyMs: 100, overlap: 'allow' } },
    });
    const handles = await app.submitMany(
      Array.from({ length: 20 }, (_, i) => keyed.s(i % 2 === 0 ? 'a' : 'b')),
    );
    await Promise.all(handles.map((handle) => handle.get()));
    expect(most).toBe(2);
    await until(() => fired.length >= 3);
    expect(new Set(fired).size).toBe(fired.length);
  });

  test('of two worker processes one is killed in the middle: everything ends, each join once, and nobody waits for the dead', async () => {
    const app = await start({ tasks: [list, double, sum], workers: [] });
    const [first, second] = await Promise.all([serve(), serve()]);
    const works = Array.from({ length: 6 }, () => chain(list.s(10), each(double), sum));
    const handles = await app.submitMany(works);
    const count = (what: string): number =>
      first.lines.filter((line) => line.startsWith(what)).length;
    await until(() => count('ended') >= 10 && count('began') > count('ended'));
    first.child.kill('SIGKILL');
    const results = await Promise.all(handles.map((handle) => handle.get({ within: 20_000 })));
    expect(results).toEqual(works.map(() => 110));
    const snapshots = [];
    for await (const each of app.list()) snapshots.push(each);
    // Six chains, each with a list, ten doubles in a group, and a sum.
    expect(snapshots).toHaveLength(6 * (1 + 1 + 1 + 10 + 1));
    expect(new Set(snapshots.map(({ state }) => state))).toEqual(new Set(['succeeded']));
    const lines = [...first.lines, ...second.lines];
    const began = lines.filter((line) => line.startsWith('began'));
    expect(new Set(began).size).toBe(began.length);
    const crashed = snapshots.filter(({ crashes }) => crashes > 0);
    expect(crashed.length).toBeGreaterThan(0);
    // On a machine that is busy the other process may be held up for longer than its lease, too.
    for (const { run, crashes, worker } of crashed)
      expect([run, worker]).toEqual([crashes + 1, undefined]);
  }, 60_000);

  test('TSK-92: a database that goes away in the middle of work: what was reported is there when it is back, and work goes on by itself', async () => {
    if (LISTENS === undefined) return expect(POSTGRES).not.toContain('127.0.0.1');
    const way = await Cuttable.to(LISTENS);
    ways.push(way);
    const app = await start({ tasks: [slow] }, urlOf('127.0.0.1', way.port));
    const told: string[] = [];
    systems[0]?.events.on('tasks_store_failed', () => told.push('failed'));
    systems[0]?.events.on('tasks_store_recovered', () => told.push('recovered'));
    const handles = await app.submitMany(Array.from({ length: 30 }, () => slow.s(50)));
    await until(async () => (await app.stats()).ended['slow']?.succeeded !== undefined);
    way.cut();
    await expect(app.submit(slow.s(1))).rejects.toThrow(
      'Cannot submit: the store does not keep it',
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    way.mend();
    const back = Date.now();
    await Promise.all(handles.map((handle) => handle.get({ within: 10_000 })));
    expect(Date.now() - back).toBeLessThan(5000);
    expect(told.slice(0, 2)).toEqual(['failed', 'recovered']);
  }, 30_000);

  test('TSK-92: a connection that falls silent is noticed by a probe', async () => {
    if (LISTENS === undefined) return expect(POSTGRES).not.toContain('127.0.0.1');
    const way = await Cuttable.to(LISTENS);
    ways.push(way);
    const store = postgres(urlOf('127.0.0.1', way.port), {
      schema,
      leaseMs: LEASE_MS,
      silenceMs: 1500,
    });
    const app = await start({ tasks: [add], workers: [], store });
    await start({ tasks: [add] });
    way.silence();
    const silenced = Date.now();
    const handle = await insistently(() => app.submit(add.s(1, 2)));
    expect(await handle.get({ within: 10_000 })).toBe(3);
    expect(Date.now() - silenced).toBeLessThan(8000);
  }, 30_000);

  test('its tables are in a schema of their own, and one of another version is refused', async () => {
    const app = await start({ tasks: [add] });
    expect(await (await app.submit(add.s(1, 2))).get()).toBe(3);
    const tables = await ask(
      `select table_name as name from information_schema.tables where table_schema = '${schema}' order by 1`,
    );
    expect(tables.map(({ name }) => name)).toEqual(['format', 'leads', 'notes', 'tasks']);
    await ask(`update ${schema}.format set version = 9`);
    const refused = await start({ tasks: [add] }).catch((error: unknown) => error);
    expect(String((refused as { cause?: unknown }).cause ?? refused)).toContain('version 9');
  });
});

/** Until it does not reject any more. */
async function insistently<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
