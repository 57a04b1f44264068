/** Server-sent events: each change of a task, until its end or that of whoever listens. */

import type { ServerResponse } from 'node:http';
import type { TaskHandle, TaskSnapshot } from '@beamish/tasks';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { Env } from './answers.ts';

const COMMENT_MS = 15_000;

let open = 0;

/** How many are listened to, as Prometheus has it. */
export function streamFigures(): string {
  return `# HELP beamish_streams Event streams that are open.\n# TYPE beamish_streams gauge\nbeamish_streams ${open}\n`;
}

/** Each change of a task as `state`, with what `shown` makes of it; ids go on from those that the listener has had. */
export async function eventsOf(
  c: Context<Env>,
  handle: TaskHandle,
  shown: (task: TaskSnapshot) => string,
): Promise<Response> {
  const last = Number(c.req.header('last-event-id') ?? 0);
  const from = Number.isSafeInteger(last) ? last : 0;
  await stream(c.env.outgoing as ServerResponse, handle, from, shown);
  return RESPONSE_ALREADY_SENT;
}

async function stream(
  to: ServerResponse,
  handle: TaskHandle,
  from: number,
  shown: (task: TaskSnapshot) => string,
): Promise<void> {
  const gone = new AbortController();
  to.on('close', () => gone.abort());
  to.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  const comments = setInterval(() => to.write(':\n\n'), COMMENT_MS);
  let id = from;
  open++;
  try {
    for await (const task of handle.watch({ signal: gone.signal })) {
      const event = `event: state\nid: ${++id}\ndata: ${shown(task)}\n\n`;
      if (!to.write(event)) await drained(to, gone.signal);
    }
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    open--;
    clearInterval(comments);
    to.end();
  }
}

/** A reader that is slow misses progress, and never the end. */
function drained(to: ServerResponse, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      to.off('drain', go);
      gone.removeEventListener('abort', go);
      resolve();
    };
    to.on('drain', go);
    gone.addEventListener('abort', go);
  });
}
