/**
 * One workload, in a process of its own: `program.mjs NAME COUNT`. Prints what it measured as JSON.
 *
 * Rates are of no-op tasks from their submission to their answered result, 1,000 in flight.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  chain,
  defineTask,
  file,
  group,
  memory,
  type Store,
  type Tasks,
  type TasksOptions,
  tasks,
} from '@beamish/tasks';
import { ActorSystem } from 'beamish';
import { heapInUse } from '../../support/heap.ts';

const AT_A_TIME = 1000;
const [, , name = '', countText = ''] = process.argv;
const COUNT = Number(countText);

const noop = defineTask('noop', (_self, n: number) => n);
const limited = defineTask(
  'limited',
  { limits: { softMs: 60_000, hardMs: 120_000, concurrency: 1000 }, retry: { max: 3 } },
  (_self, n: number) => n,
);
const count = defineTask('count', (_self, list: readonly number[]) => list.length);

const folders: string[] = [];

function storeOf(kind: string | undefined): Store {
  if (kind === 'memory') return memory();
  const folder = mkdtempSync(join(tmpdir(), 'beamish-bench-tasks-'));
  folders.push(folder);
  return file(folder, { sync: kind === 'disk' ? 'disk' : 'os' });
}

const system = new ActorSystem({ log: 'off' });

async function start(
  kind: string | undefined,
  options: Partial<TasksOptions> = {},
): Promise<Tasks> {
  return await tasks(system, {
    tasks: [noop, limited, count],
    store: storeOf(kind),
    workers: [{ concurrency: AT_A_TIME }],
    ...options,
  });
}

async function through(app: Tasks, all: number, task = noop): Promise<void> {
  for (let n = 0; n < all; n += AT_A_TIME) {
    const work = Array.from({ length: AT_A_TIME }, (_, i) => task.s(n + i));
    const handles = await app.submitMany(work);
    await Promise.all(handles.map((handle) => handle.get()));
  }
}

/** A second of wall, and of processor time, has so many. */
async function rateOf(all: number, work: () => Promise<void>): Promise<Rate> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await work();
  const ms = performance.now() - began;
  const { user, system: kernel } = process.cpuUsage(cpu);
  return { rate: (all / ms) * 1000, cpuRate: (all / (user + kernel)) * 1e6 };
}

interface Rate {
  readonly rate: number;
  readonly cpuRate: number;
}

const [workload, kind] = name.split(':');
const WORKLOADS: Readonly<Record<string, () => Promise<object>>> = {
  async run() {
    const app = await start(kind);
    await through(app, 10 * AT_A_TIME);
    return await rateOf(COUNT, () => through(app, COUNT));
  },
  /** The same with limits, a retry policy and listeners. */
  async rich() {
    const app = await start(kind);
    let heard = 0;
    for (const event of ['submitted', 'started', 'succeeded'] as const)
      app.events.on(event, () => heard++);
    await through(app, 10 * AT_A_TIME, limited);
    const rate = await rateOf(COUNT, () => through(app, COUNT, limited));
    if (heard < 3 * COUNT) throw new Error(`Only ${heard} events were heard`);
    return rate;
  },
  async submit() {
    const app = await start(kind, { workers: [] });
    const submitAll = async (all: number): Promise<void> => {
      const handles = [];
      for (let n = 0; n < all; n++) handles.push(app.submit(noop.s(n)));
      await Promise.all(handles);
    };
    await submitAll(5000);
    return await rateOf(COUNT, () => submitAll(COUNT));
  },
  /** A thousand at a time, as others do. */
  async bulk() {
    const app = await start(kind, { workers: [] });
    const submitAll = async (all: number): Promise<void> => {
      for (let n = 0; n < all; n += AT_A_TIME)
        await app.submitMany(Array.from({ length: AT_A_TIME }, (_, i) => noop.s(n + i)));
    };
    await submitAll(5000);
    return await rateOf(COUNT, () => submitAll(COUNT));
  },
  /** A group and the step after it. */
  async chord() {
    const app = await start(kind);
    const work = () => chain(group(Array.from({ length: COUNT }, (_, n) => noop.s(n))), count);
    const rates: Rate[] = [];
    for (let i = 0; i < 5; i++)
      rates.push(
        await rateOf(COUNT, async () => {
          if ((await (await app.submit(work())).get()) !== COUNT) throw new Error('Wrong');
        }),
      );
    const median = (of: (rate: Rate) => number): number =>
      (COUNT / (rates.map(of).sort((a, b) => a - b)[2] as number)) * 1000;
    return { ms: median(({ rate }) => rate), cpuMs: median(({ cpuRate }) => cpuRate) };
  },
  async call() {
    const app = await start(kind);
    const times: number[] = [];
    for (let n = 0; n < COUNT; n++) {
      const began = performance.now();
      await (await app.submit(noop.s(n))).get();
      if (n > COUNT / 10) times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    return { p50: times[times.length >> 1], p99: times[Math.floor(times.length * 0.99)] };
  },
  async queued() {
    const app = await start(kind, { workers: [] });
    const before = await heapInUse();
    for (let n = 0; n < COUNT; n += AT_A_TIME)
      await app.submitMany(Array.from({ length: AT_A_TIME }, (_, i) => noop.s(n + i)));
    return { bytes: ((await heapInUse()) - before) / COUNT };
  },
  /** All of them due within one second. */
  async due() {
    const app = await start(kind, { workers: [] });
    // Far enough that all are there before the first is due.
    const from = Date.now() + Math.max(2000, COUNT / 8);
    for (let n = 0; n < COUNT; n += AT_A_TIME) {
      const at = new Date(from + (n / COUNT) * 1000);
      await app.submitMany(
        Array.from({ length: AT_A_TIME }, (_, i) => noop.s(n + i)),
        { at },
      );
    }
    if (Date.now() > from) throw new Error('They were due before all were there');
    await new Promise((resolve) => setTimeout(resolve, from - Date.now()));
    const lag = monitorEventLoopDelay({ resolution: 1 });
    lag.enable();
    const cpu = process.cpuUsage();
    for (;;) {
      const { scheduled } = await app.stats();
      if (scheduled === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { user, system: kernel } = process.cpuUsage(cpu);
    return { ms: Date.now() - from, cpuMs: (user + kernel) / 1000, longestTurnMs: lag.max / 1e6 };
  },
  async open() {
    const filled = await start(kind, { workers: [] });
    for (let n = 0; n < COUNT; n += AT_A_TIME)
      await filled.submitMany(Array.from({ length: AT_A_TIME }, (_, i) => noop.s(n + i)));
    await filled.close();
    const folder = folders[0] as string;
    const began = performance.now();
    const app = await tasks(system, { tasks: [noop], store: file(folder), workers: [] });
    const ms = performance.now() - began;
    await app.close();
    return { ms };
  },
};

const work = WORKLOADS[workload as string];
if (work === undefined) throw new Error(`There is no workload "${name}"`);
console.log(JSON.stringify(await work()));
await system.shutdown();
for (const folder of folders) rmSync(folder, { recursive: true, force: true });
process.exit();
