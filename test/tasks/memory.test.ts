/** What a long life leaves behind: nothing. */

import { defineTask, memory, tasks } from '@beamish/tasks';
import { eager } from '@beamish/tasks/testing';
import { ActorSystem } from 'beamish';
import { expect, test } from 'vitest';
import { heapInUse } from '../support/heap.ts';

/** A million in the long form. */
const MANY = Number(process.env['BEAMISH_TASKS'] ?? 10_000);
const AT_A_TIME = 2500;

const noop = defineTask('noop', (_self, n: number) => n);
const brief = defineTask('brief', { result: { keepMs: 0 } }, (_self, n: number) => n);

test('TSK-83: many that are submitted, run and forgotten leave memory where it was', async () => {
  const system = new ActorSystem({ log: 'off' });
  const app = await tasks(system, {
    tasks: [noop],
    store: memory(),
    workers: [{ concurrency: 100 }],
  });
  const round = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += AT_A_TIME) {
      const work = Array.from({ length: AT_A_TIME }, (_, i) => noop.s(n + i));
      const handles = await app.submitMany(work);
      await Promise.all(handles.map((handle) => handle.get()));
      await Promise.all(handles.map((handle) => handle.forget()));
    }
  };
  // Until everything is compiled, and has grown to its size.
  await round(2 * AT_A_TIME);
  const before = await heapInUse();
  await round(MANY);
  const after = await heapInUse();
  expect(after / before).toBeLessThan(1.1);
  await app.close();
  await system.shutdown();
}, 600_000);

test('TSK-83: what nobody forgets is forgotten after its time, and leaves nothing', async () => {
  await using app = eager({ tasks: [brief] });
  const round = async (): Promise<void> => {
    await app.submitMany(Array.from({ length: AT_A_TIME }, (_, n) => brief.s(n)));
    await app.advance(60_000);
  };
  await round();
  const before = await heapInUse();
  for (let i = 0; i < 2; i++) await round();
  for await (const each of app.list()) expect(each).toBeUndefined();
  expect((await heapInUse()) / before).toBeLessThan(1.1);
}, 60_000);
