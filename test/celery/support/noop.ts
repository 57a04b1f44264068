/** A worker of ours in a process of its own, which begins to take a queue when it is told to, by remote control. */

import { celery } from '@beamish/celery';
import { defineTask, memory, tasks } from '@beamish/tasks';
import { ActorSystem } from 'beamish';

const noop = defineTask('js.noop', () => null);
const add = defineTask('js.add', (_self, a: number, b: number) => a + b);
const total = defineTask('js.total', (_self, all: readonly number[]) =>
  all.reduce((sum, n) => sum + n, 0),
);
const system = new ActorSystem({ log: 'off' });
const app = await tasks(system, { tasks: [], store: memory() });
const here = await celery(app, {
  broker: process.env['BROKER'] as string,
  results: process.env['BACKEND'] as string,
  node: process.env['NODE_NAME'] as string,
  serve: { tasks: [noop, add, total], queues: [process.env['QUEUE'] as string], concurrency: 64 },
});
process.once('SIGTERM', async () => {
  await here.close();
  await system.shutdown();
  process.exit();
});
process.send?.('ready');
