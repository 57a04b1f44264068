/** A worker: serves our task to both sides, until it is told to end. Start as many as there is work for. */

import { celery } from '@beamish/celery';
import { memory, tasks } from '@beamish/tasks';
import { ActorSystem } from 'beamish';
import { add } from './add.ts';
import { DEPLOYMENT, JS_QUEUE } from './settings.ts';

const system = new ActorSystem();
const app = await tasks(system, { tasks: [add], store: memory() });
const here = await celery(app, {
  ...DEPLOYMENT,
  node: `js-worker-${process.pid}@${process.env['HOSTNAME'] ?? 'localhost'}`,
  serve: { tasks: [add], queues: [JS_QUEUE] },
});
console.log(`${here.node} takes from ${JS_QUEUE}`);

async function end(): Promise<void> {
  await here.close();
  await app.close();
  await system.shutdown();
  process.exit();
}
process.once('SIGTERM', () => void end());
process.once('SIGINT', () => void end());
