/**
 * Is killed at a point of its choice. `program.ts FOLDER POINT`: at the so-many-th point at which something
 * could be lost the process kills itself, as by kill -9; with 0 never. It ends when everything has, and
 * prints what came of it.
 */

import { appendFileSync } from 'node:fs';
import {
  chain,
  defineTask,
  each,
  file,
  group,
  type Store,
  type TaskSelf,
  tasks,
} from '@beamish/tasks';
import { type Actor, ActorSystem } from 'beamish';

const [folder = '', point = '0'] = process.argv.slice(2);
const killAt = Number(point);
let points = 0;

/** Something could be lost here. */
function mayDie(): void {
  if (++points !== killAt) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal comes at once, and nothing else may.
  for (;;);
}

function effect(what: string): void {
  mayDie();
  appendFileSync(`${folder}/effects`, `${what}\n`);
  mayDie();
}

/** The same store, with points before and after all that it keeps. */
function mortal(store: Store): Store {
  const around = async <T>(call: () => T | Promise<T>): Promise<T> => {
    mayDie();
    const answer = await call();
    mayDie();
    return answer;
  };
  const [commit, claim, sweep] = [store.commit, store.claim, store.sweep].map((method) =>
    (method as (...args: never[]) => unknown).bind(store),
  ) as unknown as [Store['commit'], Store['claim'], Store['sweep']];
  return Object.assign(store, {
    commit: (...args: Parameters<Store['commit']>) => around(() => commit(...args)),
    claim: (...args: Parameters<Store['claim']>) => around(() => claim(...args)),
    sweep: (...args: Parameters<Store['sweep']>) => around(() => sweep(...args)),
  });
}

const options = { maxCrashes: 'infinity', retry: { max: 3, backoff: () => 5 } } as const;
const list = defineTask('list', options, (self: TaskSelf, n: number) => {
  effect(`list ${self.task.id}`);
  return Array.from({ length: n }, (_, i) => i + 1);
});
const double = defineTask('double', options, function* (self: TaskSelf, n: number): Actor<number> {
  effect(`double ${self.task.id}`);
  const doubled = yield* self.task.once('step', () => {
    effect(`once ${self.task.id}`);
    return n * 2;
  });
  yield* self.task.checkpoint(doubled);
  if (self.task.attempt === 1 && n === 2) throw new Error('again');
  return doubled;
});
const sum = defineTask('sum', options, (self: TaskSelf, numbers: readonly number[]) => {
  effect(`sum ${self.task.id}`);
  return numbers.reduce((a, b) => a + b, 0);
});
const tick = defineTask('tick', options, (self: TaskSelf) => effect(`tick ${self.task.id}`));

const system = new ActorSystem({ log: 'off' });
const app = await tasks(system, {
  tasks: [list, double, sum, tick],
  store: mortal(file(folder, { sync: 'os', segmentBytes: 8000 })),
  schedules: { often: { run: tick.s(), everyMs: 20, overlap: 'allow' } },
  workers: [{ concurrency: 3 }],
});

const works = [
  chain(list.s(4), each(double), sum),
  chain(list.s(3), group([chain(sum, double), sum]), sum),
  chain(list.s(2), each(double, { size: 2 }), sum),
];
const results: number[] = [];
for (const [i, work] of works.entries()) {
  // Whoever does not know whether it was submitted submits it again under its id.
  const handle = await app.submit(work, { id: `work-${i}` });
  appendFileSync(`${folder}/submitted`, `${handle.id}\n`);
}
for (const i of works.keys()) results.push(await app.handle<number>(`work-${i}`).get());
await app.schedules.delete('often');
const states: Record<string, number> = {};
for await (const { state } of app.list()) states[state] = (states[state] ?? 0) + 1;
console.log(JSON.stringify({ results, states, points }));
await app.close({ within: 1000 });
await system.shutdown();
