/** A JavaScript client: calls the task of Python, and that of JavaScript. */

import { celery } from '@beamish/celery';
import { memory, tasks } from '@beamish/tasks';
import { ActorSystem } from 'beamish';
import { DEPLOYMENT, JS_QUEUE, PY_QUEUE } from './settings.ts';

const within = 30_000;

await using system = new ActorSystem();
await using app = await tasks(system, { tasks: [], store: memory() });
await using far = await celery(app, DEPLOYMENT);
const pyAdd = far.task<[a: number, b: number], number>('py_workers.tasks.example.arithmetic.add', {
  queue: PY_QUEUE,
});
const jsAdd = far.task<[a: number, b: number], number>('js_workers.tasks.example.arithmetic.add', {
  queue: JS_QUEUE,
});
console.log(
  'JavaScript to Python: 3 + 2 =',
  await (await app.submit(pyAdd.s(3, 2))).get({ within }),
);
console.log(
  'JavaScript to JavaScript: 1 + 2 =',
  await (await app.submit(jsAdd.s(1, 2))).get({ within }),
);
