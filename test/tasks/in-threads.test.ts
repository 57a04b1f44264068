/** Tasks in threads of a pool: one at a time in each, with limits that kill. Real threads, on the host's clock. */

import { defineTask, memory, type Tasks, type TasksOptions, tasks } from '@beamish/tasks';
import { type Threads, threads } from '@beamish/threads';
import { type Actor, ActorSystem } from 'beamish';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import * as inThreads from './in-threads/tasks.ts';

const { where, compute, endless, waits, stuck, deadly, failing, asks, doubled, becomes, steps } =
  inThreads;

let system: ActorSystem;
let pool: Threads;
let app: Tasks;

beforeAll(async () => {
  system = new ActorSystem({ name: 'main', log: 'off' });
  // Threads take long to start, and each test leaves them as they were.
  pool = await threads(system, { size: 2, systems: { log: 'off' } });
});
afterEach(async () => {
  await app.close({ within: 0 });
});
afterAll(async () => {
  await system.shutdown();
});

async function start(options: Partial<TasksOptions> = {}): Promise<void> {
  app = await tasks(system, { tasks: [inThreads], threads: pool, store: memory(), ...options });
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a task with `thread` runs in one of the pool, and the others go on meanwhile', async () => {
  await start();
  const { threadId } = await import('node:worker_threads');
  expect(await (await app.submit(where.s())).get()).not.toBe(threadId);
  const long = await app.submit(compute.s(300));
  expect(await (await app.submit(doubled.s(2))).get()).toBe(4);
  expect((await long.state())?.state).toMatch(/queued|running/);
  await long.get();
});

test('each thread has one task at a time, whatever the concurrency, and what needs none passes', async () => {
  await start({ workers: [{ concurrency: 10 }, { concurrency: 10 }] });
  const running = new Set<string>();
  let most = 0;
  app.events.on('started', ({ id, name }) => {
    if (name === 'compute') running.add(id);
    most = Math.max(most, running.size);
  });
  app.events.on('succeeded', ({ id }) => running.delete(id));
  const handles = await app.submitMany(Array.from({ length: 8 }, () => compute.s(30)));
  const passing = await app.submit(doubled.s(1));
  await passing.get();
  expect((await handles.at(-1)?.state())?.state).toBe('queued');
  const used = new Set(await Promise.all(handles.map((handle) => handle.get())));
  expect(used.size).toBe(2);
  expect(most).toBe(2);
});

test('TSK-47: an endless loop is killed with its thread at the hard limit; another thread takes its place, and the next task runs there', async () => {
  await start();
  const [first, second] = await app.submitMany([endless.s(), endless.s()]);
  const begun = Date.now();
  for (const handle of [first, second]) {
    const failed = await handle?.get().catch((error: unknown) => error);
    expect(failed).toMatchObject({ failure: { state: 'failed', reason: 'time_limit' } });
  }
  expect(Date.now() - begun).toBeLessThan(300 + 1000 + 1000);
  expect((await first?.state())?.crashes).toBe(0);
  const used = await Promise.all(
    (await app.submitMany([compute.s(50), compute.s(50)])).map((handle) => handle.get()),
  );
  expect(new Set(used).size).toBe(2);
  expect(pool.size).toBe(2);
});

test('a thread that is killed by a limit is started again, where none that dies is', async () => {
  const frail = await threads(system, {
    size: 1,
    restart: { intensity: 0 },
    systems: { log: 'off' },
  });
  await start({ threads: frail });
  await (await app.submit(endless.s())).get().catch(() => {});
  // Its limit is shorter than a thread takes to begin, and counts from its own beginning.
  const failed = await (await app.submit(waits.s())).get().catch((error: unknown) => error);
  expect(failed).toMatchObject({ failure: { reason: 'time_limit' } });
  expect(await (await app.submit(where.s())).get()).toBeGreaterThan(0);
  await frail.stop();
});

test('at the hard limit what waits in a thread is ended there: its finally runs, and the thread lives', async () => {
  await start();
  const before = await (await app.submit(where.s())).get();
  const told: unknown[] = [];
  app.events.on('progress', ({ value }) => told.push(value));
  const failed = await (await app.submit(waits.s())).get().catch((error: unknown) => error);
  expect(failed).toMatchObject({ failure: { reason: 'time_limit' } });
  expect(told).toEqual(['finally']);
  expect(await (await app.submit(where.s())).get()).toBe(before);
});

test('a body in a thread that waits for a promise of its own at the hard limit leaves nothing behind', async () => {
  await start();
  const failed = await (await app.submit(stuck.s())).get().catch((error: unknown) => error);
  expect(failed).toMatchObject({ failure: { reason: 'time_limit' } });
  expect((await app.stats()).workers[0]).toMatchObject({ running: 0, leaked: 0 });
});

test('TSK-35: when a thread dies, the task that ran there counts a crash and runs again; those of other threads do not notice', async () => {
  await start();
  const lost: string[] = [];
  app.events.on('lost', ({ name, why }) => lost.push(`${name} ${why}`));
  const other = await app.submit(compute.s(400));
  const dies = await app.submit(deadly.s(1));
  expect(await dies.get()).toBe('run 2');
  expect(await dies.state()).toMatchObject({ crashes: 1, attempt: 1, run: 2 });
  await other.get();
  expect(await other.state()).toMatchObject({ crashes: 0, attempt: 1, run: 1 });
  expect(lost).toEqual(['deadly runner']);
});

test('TSK-35: a task whose thread dies three times is put into quarantine', async () => {
  await start();
  const dies = await app.submit(deadly.s(9));
  const failed = await dies.get().catch((error: unknown) => error);
  expect(failed).toMatchObject({ failure: { state: 'quarantined', reason: 'crashed' } });
});

test('when no thread is left, tasks that need one stay queued, and the others go on', async () => {
  const frail = await threads(system, {
    size: 1,
    restart: { intensity: 0 },
    systems: { log: 'off' },
  });
  await start({ threads: frail });
  const dies = await app.submit(deadly.s(1));
  await until(async () => (await dies.state())?.crashes === 1);
  expect(await (await app.submit(doubled.s(3))).get()).toBe(6);
  expect(await dies.state()).toMatchObject({ state: 'queued', crashes: 1 });
  await frail.stop();
});

test('TSK-51: a module that does not export the task fails it as unknown, without a retry, and the thread lives', async () => {
  const hidden = defineTask(
    'hidden',
    {
      thread: { url: new URL('./in-threads/tasks.ts', import.meta.url).href } as ImportMeta,
      retry: { max: 3 },
    },
    () => 1,
  );
  const broken = defineTask(
    'broken',
    { thread: { url: new URL('./in-threads/none.ts', import.meta.url).href } as ImportMeta },
    () => 1,
  );
  await start({ tasks: [inThreads, hidden, broken] });
  const before = await (await app.submit(where.s())).get();
  for (const task of [hidden, broken]) {
    const failed = await (await app.submit(task.s())).get().catch((error: unknown) => error);
    expect(failed).toMatchObject({ failure: { reason: 'unknown_task', attempt: 1 } });
  }
  expect(await (await app.submit(where.s())).get()).toBe(before);
});

test('a failure in a thread is judged there by the policy, with the error as it was thrown', async () => {
  await start();
  const failed = await (await app.submit(failing.s())).get().catch((error: unknown) => error);
  expect(failed).toMatchObject({
    failure: { reason: 'error', attempt: 2, error: { name: 'TypeError', message: 'second' } },
  });
});

test('TSK-80: a body in a thread submits, waits for outcomes, and keeps steps and checkpoints', async () => {
  await start();
  const handle = await app.submit(asks.s(20), { headers: { tenant: 'a' } });
  const result = (await handle.get()) as Record<string, unknown>;
  expect(result).toMatchObject({
    once: 21,
    saved: { once: 21 },
    headers: { tenant: 'a' },
    isRoot: true,
    result: { ok: true, value: 40 },
  });
  const child = app.handle(result['child'] as string);
  expect(await child.get()).toBe(42);
  expect((await child.state())?.parent).toBe(handle.id);
  expect(await (await app.submit(becomes.s(4))).get()).toBe(8);
});

test('what was stored before its task ran in a thread waits for one, too; and what is revoked meanwhile never begins', async () => {
  const store = memory();
  const before = defineTask('compute', (_self, ms: number) => ms);
  await start({ tasks: [before], store, workers: [] });
  const { id: first } = await app.submit(before.s(100));
  const { id: second } = await app.submit(before.s(100));
  const { id: third } = await app.submit(before.s(100));
  const { id: fourth } = await app.submit(before.s(100));
  await app.close();
  const began: string[] = [];
  await start({ store });
  app.events.on('succeeded', ({ id }) => began.push(id));
  await until(async () => (await app.handle(third).state())?.state === 'running');
  await app.handle(third).revoke();
  await Promise.all([first, second, fourth].map((id) => app.handle(id).get()));
  expect(began).toHaveLength(3);
  expect((await app.handle(third).state())?.state).toBe('revoked');
  await until(async () => (await app.stats()).workers[0]?.running === 0);
});

test('a revocation aborts the signal in the thread, and kills what does not heed it', async () => {
  await start();
  const polite = await app.submit(steps.s());
  const told = new Promise<void>((resolve) => app.events.on('progress', () => resolve()));
  await told;
  expect(await polite.revoke()).toBe('running');
  const rude = await app.submit(compute.s(60_000));
  await until(async () => (await rude.state())?.state === 'running');
  expect(await rude.revoke({ graceMs: 50 })).toBe('running');
  await until(async () => (await app.stats()).workers[0]?.running === 0);
  expect(pool.size).toBe(2);
  expect(await (await app.submit(where.s())).get()).toBeGreaterThan(0);
});

test('close gives back what computes in a thread, with nothing counted', async () => {
  const store = memory();
  await start({ store });
  const handle = await app.submit(compute.s(60_000));
  await until(async () => (await handle.state())?.state === 'running');
  const closing = app.close({ within: 50 });
  // The second call wants it now.
  void app.close();
  expect(await closing).toEqual({ finished: 0, returned: 1 });
  await start({ store, workers: [] });
  expect(await app.handle(handle.id).state()).toMatchObject({
    state: 'queued',
    attempt: 1,
    crashes: 0,
  });
});

const greedy = defineTask(
  'greedy',
  { limits: { hardMs: 20 } },
  function* (self, waitsThen: boolean): Actor<string> {
    const until = performance.now() + 60;
    while (performance.now() < until);
    if (waitsThen) yield* self.sleep(600_000);
    return 'computed';
  },
);

test('TSK-48: what computes without a thread cannot be ended: it fails by its limit when it waits, and succeeds if it ends without', async () => {
  await start({ tasks: [greedy], workers: [{ concurrency: 1 }] });
  const failed = await (await app.submit(greedy.s(true))).get().catch((error: unknown) => error);
  expect(failed).toMatchObject({ failure: { reason: 'time_limit' } });
  expect(await (await app.submit(greedy.s(false))).get()).toBe('computed');
});
