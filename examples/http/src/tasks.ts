// What a site tells of tasks, whatever they are: that there is none, and the figures of all.

import { metrics, type Tasks } from '@beamish/tasks';
import type { Context, Hono } from 'hono';
import { type Env, fault, HEADERS } from './answers.ts';
import { streamFigures } from './event-stream.ts';

/** There is none of this id. */
export function noTask(c: Context<Env>, id: string): Response {
  return fault(c, 404, 'not_found', `There is no task ${id}`);
}

/** `/metrics`, for Prometheus: of the tasks, and of the streams of events; until `ended`. */
export function serveMetrics(site: Hono<Env>, app: Tasks, ended: AbortSignal): void {
  const figures = metrics(app);
  ended.addEventListener('abort', () => figures.close());
  site.get('/metrics', async (c) =>
    c.body(`${await figures.text()}${streamFigures()}`, 200, {
      ...HEADERS,
      'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
    }),
  );
}
