/** The requests and their answers. Nothing waits here for work that takes long: it is a task, and has an id. */

import { createHash } from 'node:crypto';
import {
  allowOnly,
  bodyOf,
  type Env,
  eventsOf,
  fault,
  json,
  noTask,
  type Place,
  serveMetrics,
  servePage,
  siteAt,
} from '@beamish/example-http';
import {
  TaskFailed,
  type TaskHandle,
  type TaskSnapshot,
  type Tasks,
  TaskUnfinished,
} from '@beamish/tasks';
import type { Context, Hono } from 'hono';
import { answerOf } from './answer.ts';
import { jsonOf } from './json-object.ts';
import { openapi } from './openapi.ts';
import { taskFor } from './question.ts';
import type { Questions } from './work.ts';

const MOST_QUEUED = 10_000;
const LONGEST_KEY = 255;
const LONGEST_WAIT_S = 60;
const ID = /^[\w-]{1,64}$/;

export function routes(
  app: Tasks,
  questions: Questions,
  place: Place,
  ended: AbortSignal,
): Hono<Env> {
  const site = siteAt(place);
  servePage(site, new URL('../page/', import.meta.url));
  site.get('/healthz', (c) => health(c, app));
  site.get('/openapi.json', (c) => json(c, 200, jsonOf(openapi)));
  serveMetrics(site, app, ended);
  site.post('/', (c) => ask(c, app, questions));
  site.get('/:id', (c) => withTask(c, app, (handle) => look(c, handle)));
  site.delete('/:id', (c) => withTask(c, app, (handle) => end(c, handle)));
  site.get('/:id/events', (c) =>
    withTask(c, app, (handle) => eventsOf(c, handle, (task) => shown(task))),
  );
  allowOnly(site, {
    '/': 'GET, POST',
    '/page.js': 'GET',
    '/page.css': 'GET',
    '/common.css': 'GET',
    '/healthz': 'GET',
    '/openapi.json': 'GET',
    '/metrics': 'GET',
    '/:id/events': 'GET',
    '/:id': 'GET, DELETE',
  });
  return site;
}

async function ask(c: Context<Env>, app: Tasks, questions: Questions): Promise<Response> {
  const task = taskFor(await bodyOf(c), questions);
  const key = c.req.header('idempotency-key');
  if (key !== undefined && (key === '' || key.length > LONGEST_KEY)) {
    const what = `An Idempotency-Key has 1 to ${LONGEST_KEY} characters`;
    return fault(c, 400, 'bad_idempotency_key', what);
  }
  if ((await queued(app)) >= MOST_QUEUED) {
    c.header('Retry-After', '1');
    return fault(c, 503, 'busy', `${MOST_QUEUED.toLocaleString('en')} are waiting; try again`);
  }
  let handle: TaskHandle;
  try {
    handle = await app.submit(task, key === undefined ? {} : { id: idOf(key) });
  } catch (error) {
    // An id that is taken by another question.
    if (key === undefined || !(error instanceof RangeError)) throw error;
    const what = 'This Idempotency-Key was given with another number';
    return fault(c, 409, 'idempotency_key_reused', what);
  }
  c.header('Location', `/${handle.id}`);
  const isAsync = /\brespond-async\b/.test(c.req.header('prefer') ?? '');
  return json(c, isAsync ? 202 : 200, jsonOf({ status: 'success', task_id: handle.id }));
}

async function look(c: Context<Env>, handle: TaskHandle): Promise<Response> {
  const wait = c.req.query('wait');
  if (wait !== undefined) {
    const seconds = Number(wait);
    if (!(seconds >= 0 && seconds <= LONGEST_WAIT_S)) {
      const what = `wait is a number of seconds from 0 to ${LONGEST_WAIT_S}`;
      return fault(c, 400, 'bad_wait', what);
    }
    const within = Math.round(seconds * 1000);
    await handle.get({ within, signal: c.req.raw.signal }).catch((error: unknown) => {
      if (!(error instanceof TaskUnfinished || error instanceof TaskFailed)) throw error;
    });
  }
  return state(c, handle);
}

async function end(c: Context<Env>, handle: TaskHandle): Promise<Response> {
  await handle.revoke({ reason: 'Revoked by DELETE', graceMs: 500 });
  return state(c, handle);
}

async function state(c: Context<Env>, handle: TaskHandle): Promise<Response> {
  const task = await handle.state();
  return task === undefined ? noTask(c, handle.id) : json(c, 200, shown(task));
}

function shown(task: TaskSnapshot): string {
  return jsonOf(answerOf(task));
}

async function withTask(
  c: Context<Env>,
  app: Tasks,
  act: (handle: TaskHandle) => Promise<Response>,
): Promise<Response> {
  const id = c.req.param('id') ?? '';
  const handle = app.handle(id);
  if (!ID.test(id) || (await handle.state()) === undefined) return noTask(c, id);
  return act(handle);
}

async function health(c: Context<Env>, app: Tasks): Promise<Response> {
  try {
    const { workers } = await app.stats();
    const runners = workers.reduce((sum, { runners }) => sum + runners, 0);
    const body = { status: 'ok', store: 'ok', workers: runners, queued: await queued(app) };
    return json(c, 200, jsonOf(body));
  } catch (error) {
    return fault(c, 503, 'unavailable', String(error));
  }
}

async function queued(app: Tasks): Promise<number> {
  const { queues } = await app.stats();
  return Object.values(queues).reduce((sum, { queued }) => sum + queued, 0);
}

/** The same key, the same id: the store then knows whether it was the same question. */
function idOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 21);
}
