/** A worker whose task ends the process that runs it. */

import { celery } from '@beamish/celery';
import { defineTask, memory, tasks } from '@beamish/tasks';
import { ActorSystem } from 'beamish';

const die = defineTask('js.die', (): number => {
  process.kill(process.pid, 'SIGKILL');
  return 0;
});
const system = new ActorSystem({ log: 'off' });
const app = await tasks(system, { tasks: [die], store: memory() });
await celery(app, {
  broker: process.env['BROKER'] as string,
  results: 'rpc://',
  node: `ends@${process.pid}`,
  serve: { tasks: [die], queues: [process.env['QUEUE'] as string] },
});
