/** The requests and their answers: the button says yes at once, and where one can look. */

import {
  allowOnly,
  bodyOf,
  type Env,
  eventsOf,
  fault,
  json,
  noTask,
  type Place,
  Refused,
  serveMetrics,
  servePage,
  siteAt,
} from '@beamish/example-http';
import type { TaskFilter, TaskHandle, TaskState, Tasks } from '@beamish/tasks';
import type { ActorSystem } from 'beamish';
import type { Context, Hono } from 'hono';
import { answerOf, RETRYABLE } from './answer.ts';
import { MAILER } from './mailer.ts';
import { PEOPLE } from './people.ts';
import { digestTo, followed, type Timeline } from './work.ts';

const NAME = /^[a-z][a-z0-9-]{0,29}$/;
const MOST_USERS = 10_000;
const MOST_LISTED = 100;
/** Each that there is: the compiler knows of one that is missing. */
const STATES: Readonly<Record<TaskState, true>> = {
  scheduled: true,
  queued: true,
  running: true,
  joining: true,
  succeeded: true,
  failed: true,
  revoked: true,
  expired: true,
  quarantined: true,
};

export function routes(
  system: ActorSystem,
  app: Tasks,
  place: Place,
  ended: AbortSignal,
  fill?: Timeline,
): Hono<Env> {
  const site = siteAt(place);
  servePage(site, new URL('../page/', import.meta.url));

  site.post('/users/:name/follow', async (c) => {
    const whom = nameOf(c.req.param('name'));
    const by = nameOf((await objectOf(c))['by']);
    const { task } = await system.call(PEOPLE, 'ask', by, whom);
    const { id } = await app.submit(followed(by, whom, fill), { id: task });
    return accepted(c, id);
  });
  site.post('/digest', async (c) => {
    const { users } = await objectOf(c);
    if (!Array.isArray(users) || users.length > MOST_USERS)
      throw new Refused(
        400,
        'bad_users',
        `users is a list of at most ${MOST_USERS.toLocaleString('en')} names`,
      );
    const { id } = await app.submit(digestTo(users.map(nameOf)));
    return accepted(c, id);
  });

  site.get('/tasks', (c) => list(c, app));
  site.get('/tasks/:id', (c) => withTask(c, app, (handle) => state(c, handle)));
  site.get('/tasks/:id/events', (c) => withTask(c, app, (handle) => eventsOf(c, handle, answerOf)));
  site.delete('/tasks/:id', (c) =>
    withTask(c, app, async (handle) => {
      await handle.revoke({ reason: 'Revoked by DELETE', graceMs: 500 });
      return state(c, handle);
    }),
  );
  site.post('/tasks/:id/retry', (c) =>
    withTask(c, app, async (handle) => {
      if (await app.retry(handle.id)) return state(c, handle);
      return fault(
        c,
        409,
        'not_retryable',
        `Only what is ${RETRYABLE.join(', ')} can be tried again`,
      );
    }),
  );

  site.get('/people', async (c) => json(c, 200, JSON.stringify(await system.call(PEOPLE, 'all'))));
  site.get('/schedules', async (c) => {
    const all = await app.schedules.list();
    return json(c, 200, JSON.stringify(all.map(({ name, next, last }) => ({ name, next, last }))));
  });
  for (const verb of ['pause', 'resume'] as const)
    site.post(`/queues/:name/${verb}`, async (c) => {
      const queue = nameOf(c.req.param('name'));
      await app[verb](queue);
      return json(c, 200, JSON.stringify({ queue, paused: verb === 'pause' }));
    });
  site.post('/mail-server', async (c) => {
    const { away } = await objectOf(c);
    if (typeof away !== 'boolean') throw new Refused(400, 'bad_away', 'away is true or false');
    return json(c, 200, JSON.stringify({ away: await system.call(MAILER, 'away', away) }));
  });
  site.get('/mail-server', async (c) =>
    json(c, 200, JSON.stringify({ away: await system.call(MAILER, 'isAway') })),
  );
  site.get('/healthz', (c) => health(c, app));
  serveMetrics(site, app, ended);
  allowOnly(site, {
    '/': 'GET',
    '/users/:name/follow': 'POST',
    '/digest': 'POST',
    '/tasks': 'GET',
    '/tasks/:id': 'GET, DELETE',
    '/tasks/:id/events': 'GET',
    '/tasks/:id/retry': 'POST',
    '/people': 'GET',
    '/schedules': 'GET',
    '/queues/:name/pause': 'POST',
    '/queues/:name/resume': 'POST',
    '/mail-server': 'GET, POST',
    '/healthz': 'GET',
    '/metrics': 'GET',
  });
  return site;
}

function accepted(c: Context<Env>, id: string): Response {
  c.header('Location', `/tasks/${id}`);
  return json(c, 202, JSON.stringify({ task_id: id }));
}

async function list(c: Context<Env>, app: Tasks): Promise<Response> {
  const { state, queue, limit = '20', after } = c.req.query();
  const most = Number(limit);
  if (!(Number.isInteger(most) && most > 0 && most <= MOST_LISTED))
    throw new Refused(400, 'bad_limit', `limit is a whole number from 1 to ${MOST_LISTED}`);
  if (state !== undefined && !Object.hasOwn(STATES, state))
    throw new Refused(400, 'bad_state', `state is one of ${Object.keys(STATES).join(', ')}`);
  const filter: TaskFilter = {
    ...(state !== undefined && { state: state as TaskState }),
    ...(queue !== undefined && { queue: nameOf(queue) }),
  };
  const all: { readonly id: string; readonly text: string }[] = [];
  for await (const task of app.list(filter)) all.push({ id: task.id, text: answerOf(task) });
  all.reverse(); // newest first
  const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const page = all.slice(from, from + most);
  const next = from + most < all.length ? page.at(-1)?.id : undefined;
  const tasks = `[${page.map(({ text }) => text).join(',')}]`;
  return json(c, 200, `{"tasks":${tasks},"next":${JSON.stringify(next ?? null)}}`);
}

async function state(c: Context<Env>, handle: TaskHandle): Promise<Response> {
  const task = await handle.state();
  return task === undefined ? noTask(c, handle.id) : json(c, 200, answerOf(task));
}

async function withTask(
  c: Context<Env>,
  app: Tasks,
  act: (handle: TaskHandle) => Promise<Response>,
): Promise<Response> {
  const handle = app.handle(c.req.param('id') ?? '');
  return (await handle.state()) === undefined ? noTask(c, handle.id) : act(handle);
}

async function health(c: Context<Env>, app: Tasks): Promise<Response> {
  try {
    return json(c, 200, JSON.stringify({ status: 'ok', ...(await app.stats()) }));
  } catch (error) {
    return fault(c, 503, 'unavailable', String(error));
  }
}

async function objectOf(c: Context<Env>): Promise<Readonly<Record<string, unknown>>> {
  const body = await bodyOf(c);
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // It is told of below, as any other body that is no object.
  }
  throw new Refused(400, 'bad_json', 'The body is not a JSON object');
}

function nameOf(value: unknown): string {
  if (typeof value === 'string' && NAME.test(value)) return value;
  const what = 'a name has 1 to 30 small letters, digits and hyphens, and begins with a letter';
  throw new Refused(400, 'bad_name', `No name: ${what}`);
}
