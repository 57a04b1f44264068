/** The requests and their answers. Nothing waits here for work that takes long: it is a task, and has an id. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  type Metrics,
  TaskFailed,
  type TaskHandle,
  type Tasks,
  TaskUnfinished,
} from '@beamish/tasks';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { answerOf } from './answer.ts';
import { streamEvents, streamFigures } from './event-stream.ts';
import { bodyOf, isForeign, isJson, MOST_BYTES } from './guard.ts';
import { jsonOf } from './json-object.ts';
import { openapi } from './openapi.ts';
import { Refused, taskFor } from './question.ts';

type Env = { Bindings: HttpBindings };

export interface Site {
  readonly host: string;
  readonly port: () => number;
  readonly app: Tasks;
  readonly metrics: Metrics;
}

const MOST_QUEUED = 10_000;
const LONGEST_KEY = 255;
const LONGEST_WAIT_S = 60;
const ID = /^[\w-]{1,64}$/;

const PAGE = new Map(
  [
    ['/', 'index.html', 'text/html'],
    ['/page.js', 'page.js', 'text/javascript'],
    ['/page.css', 'page.css', 'text/css'],
  ].map(([path, file, type]) => [
    path as string,
    {
      type: `${type}; charset=utf-8`,
      text: readFileSync(new URL(`../page/${file}`, import.meta.url), 'utf8'),
    },
  ]),
);
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

export function routes({ host, port, app, metrics }: Site): Hono<Env> {
  const site = new Hono<Env>();
  site.use(async (c, next) => {
    if (isForeign(c.req.raw.headers, host, port())) {
      const who = 'Only for pages and programs that ask for this address itself';
      return fault(c, 403, 'forbidden', who);
    }
    return next();
  });
  for (const [path, { type, text }] of PAGE)
    site.get(path, (c) => c.body(text, 200, { ...HEADERS, 'Content-Type': type }));
  site.get('/healthz', (c) => health(c, app));
  site.get('/openapi.json', (c) => json(c, 200, openapi));
  site.get('/metrics', async (c) =>
    c.body(`${await metrics.text()}${streamFigures()}`, 200, {
      ...HEADERS,
      'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
    }),
  );
  site.post('/', (c) => ask(c, app));
  site.get('/:id', (c) => withTask(c, app, (handle) => look(c, handle)));
  site.delete('/:id', (c) => withTask(c, app, (handle) => end(c, handle)));
  site.get('/:id/events', (c) =>
    withTask(c, app, async (handle) => {
      const from = Number(c.req.header('last-event-id') ?? 0);
      await streamEvents(c.env.outgoing as never, handle, Number.isSafeInteger(from) ? from : 0);
      return RESPONSE_ALREADY_SENT;
    }),
  );
  const allowed = (path: string, methods: string): void => {
    site.all(path, (c) => {
      c.header('Allow', methods);
      return fault(
        c,
        405,
        'method_not_allowed',
        `There is ${methods} here, and no ${c.req.method}`,
      );
    });
  };
  allowed('/', 'GET, POST');
  for (const path of [
    '/page.js',
    '/page.css',
    '/healthz',
    '/openapi.json',
    '/metrics',
    '/:id/events',
  ])
    allowed(path, 'GET');
  allowed('/:id', 'GET, DELETE');
  site.notFound((c) => fault(c, 404, 'not_found', `There is nothing at ${c.req.path}`));
  site.onError((error, c) => {
    if (error instanceof Refused) return fault(c, error.status, error.code, error.message);
    return fault(c, 500, 'internal', String(error));
  });
  return site;
}

async function ask(c: Context<Env>, app: Tasks): Promise<Response> {
  if (!isJson(c.req.raw.headers))
    return fault(c, 415, 'unsupported_media_type', 'Send JSON, as application/json');
  const body = await bodyOf(c.env.incoming as never);
  if (body === undefined) {
    c.header('Connection', 'close');
    return fault(c, 413, 'too_large', `At most ${MOST_BYTES} bytes`);
  }
  const task = taskFor(body);
  const key = c.req.header('idempotency-key');
  if (key !== undefined && (key === '' || key.length > LONGEST_KEY))
    return fault(
      c,
      400,
      'bad_idempotency_key',
      `An Idempotency-Key has 1 to ${LONGEST_KEY} characters`,
    );
  const { queues } = await app.stats();
  if (Object.values(queues).reduce((sum, { queued }) => sum + queued, 0) >= MOST_QUEUED) {
    c.header('Retry-After', '1');
    return fault(c, 503, 'busy', `${MOST_QUEUED.toLocaleString('en')} are waiting; try again`);
  }
  let handle: TaskHandle;
  try {
    handle = await app.submit(task, key === undefined ? {} : { id: idOf(key) });
  } catch (error) {
    // An id that is taken by another question.
    if (key === undefined || !(error instanceof RangeError)) throw error;
    return fault(
      c,
      409,
      'idempotency_key_reused',
      'This Idempotency-Key was given with another number',
    );
  }
  c.header('Location', `/${handle.id}`);
  const isAsync = /\brespond-async\b/.test(c.req.header('prefer') ?? '');
  return json(c, isAsync ? 202 : 200, { status: 'success', task_id: handle.id });
}

async function look(c: Context<Env>, handle: TaskHandle): Promise<Response> {
  const wait = c.req.query('wait');
  if (wait !== undefined) {
    const seconds = Number(wait);
    if (!(seconds >= 0 && seconds <= LONGEST_WAIT_S))
      return fault(c, 400, 'bad_wait', `wait is a number of seconds from 0 to ${LONGEST_WAIT_S}`);
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
  return task === undefined ? noTask(c, handle.id) : json(c, 200, answerOf(task));
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
    const { workers, queues } = await app.stats();
    return json(c, 200, {
      status: 'ok',
      store: 'ok',
      workers: workers.reduce((sum, { runners }) => sum + runners, 0),
      queued: Object.values(queues).reduce((sum, { queued }) => sum + queued, 0),
    });
  } catch (error) {
    return fault(c, 503, 'unavailable', String(error));
  }
}

/** The same key, the same id: the store then knows whether it was the same question. */
function idOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 21);
}

function noTask(c: Context<Env>, id: string): Response {
  return fault(c, 404, 'not_found', `There is no task ${id}`);
}

function json(c: Context<Env>, status: 200 | 202, body: unknown): Response {
  return answer(c, status, body);
}

function fault(c: Context<Env>, status: number, error: string, message: string): Response {
  return answer(c, status, { status: 'error', error, message });
}

function answer(c: Context<Env>, status: number, body: unknown): Response {
  return c.body(`${jsonOf(body)}\n`, status as 200, {
    ...HEADERS,
    'Content-Type': 'application/json; charset=utf-8',
  });
}
