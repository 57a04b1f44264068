// The page's server: files of the page, the feed, uploads, and the two or three things that can be done.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type ActorSystem, CallFailed, countChildren, type Pid } from 'beamish';
import { Hono } from 'hono';
import { CRUNCHERS, NOTIFIERS, type ServicesOptions, TEAM } from '../tree.ts';
import { DESK } from './desk.ts';
import { type Client, FEED } from './feed.ts';
import { gate } from './gate.ts';
import type { Intake } from './intake.ts';
import { startNotifier, stopNotifier } from './notifying.ts';
import type { Sight } from './sight.ts';

export interface Asset {
  readonly type: string;
  readonly body: string | Uint8Array;
}

export interface ServerOptions {
  readonly services: ServicesOptions;
  readonly system: ActorSystem;
  readonly intake: Intake;
  readonly sight: Sight;
  readonly clients: Set<Client>;
  readonly works: Map<string, { readonly id: string; isCancelled: boolean }>;
  /** By path. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** By which addresses the page may be asked for. */
  readonly hosts: () => ReadonlySet<string>;
}

const MOST_CLIENTS = 32;
/** Names are shown, and not used for anything else. */
const MOST_NAME = 300;

type App = Hono<{ Bindings: HttpBindings }>;

export function pageServer(options: ServerOptions): App {
  const { system, intake, assets, works } = options;
  const app: App = new Hono();
  app.use(gate(options.hosts));
  app.onError((error, c) => {
    if (error instanceof CallFailed)
      return c.json({ error: 'The services are being started again: try it in a moment' }, 503);
    console.error(error);
    return c.json(
      { error: 'Something went wrong in the server, which has written down what' },
      500,
    );
  });
  app.notFound((c) => c.json({ error: 'There is nothing here' }, 404));

  for (const [path, { type, body }] of assets)
    app.get(path, (c) => c.body(body as string, 200, { 'Content-Type': type }));

  app.get('/api/events', (c) => {
    if (options.clients.size >= MOST_CLIENTS) {
      c.header('Retry-After', '5');
      return c.json({ error: `The page is open ${MOST_CLIENTS} times: close one of them` }, 429);
    }
    feedTo(c.env.incoming, c.env.outgoing, options);
    return RESPONSE_ALREADY_SENT;
  });

  app.post('/api/files/:id', async (c) => {
    const id = c.req.param('id');
    const shown = (c.req.query('name') ?? '').slice(0, MOST_NAME) || 'a file';
    if (!/^[\w-]{1,64}$/.test(id)) return c.json({ error: 'This is no id of an upload' }, 400);
    const taken = await intake.take(c.env.incoming, id, shown);
    switch (taken.kind) {
      case 'too_large':
        // What is still to come of it is not read.
        c.header('Connection', 'close');
        return c.json({ error: `It is too large: ${taken.limit} bytes are the most` }, 413);
      case 'too_many':
        c.header('Connection', 'close');
        c.header('Retry-After', '1');
        return c.json({ error: `${taken.limit} uploads are under way: wait for one of them` }, 429);
      case 'no_room':
        c.header('Connection', 'close');
        return c.json({ error: "The server's disk is full" }, 507);
      case 'cancelled':
        c.header('Connection', 'close');
        return c.json({ error: 'It was cancelled' }, 400);
      case 'taken': {
        const call = system.call(DESK, { tag: 'arrived', path: taken.path, shown });
        const work = await call.within('infinity');
        works.set(work, { id, isCancelled: false });
        return c.json({ id, work, bytes: taken.bytes });
      }
    }
  });

  app.post('/api/cancel/:id', (c) => {
    const id = c.req.param('id');
    const upload = works.get(id);
    if (upload !== undefined && !upload.isCancelled) {
      upload.isCancelled = true;
      system.send(DESK, { tag: 'cancel', work: id });
      return c.json({ ok: true });
    }
    if (intake.cancel(id)) return c.json({ ok: true });
    return c.json({ error: 'It is done, or was cancelled before' }, 404);
  });

  app.post('/api/crash/:cruncher', (c) => {
    const cruncher = c.req.param('cruncher');
    const team = system.whereis(TEAM) as Pid | undefined;
    const pid = team && options.sight.childOf(team, cruncher);
    if (!Object.hasOwn(CRUNCHERS, cruncher) || pid === undefined)
      return c.json({ error: `No cruncher "${cruncher}" runs at this moment` }, 404);
    system.exitSignal(pid, 'kill');
    return c.json({ ok: true });
  });

  app.post('/api/notifiers/:name/:what{start|stop}', async (c) => {
    const name = c.req.param('name').toLowerCase();
    if (c.req.param('what') === 'stop') {
      const obstacle = await stopNotifier(system, name);
      return obstacle === undefined ? c.json({ ok: true }) : c.json({ error: obstacle }, 404);
    }
    const { active } = await countChildren(system, NOTIFIERS);
    const obstacle = await startNotifier(system, name, options.services, active);
    return obstacle === undefined ? c.json({ ok: true }) : c.json({ error: obstacle }, 400);
  });
  return app;
}

/** Server-sent events, on the response itself: whatever is written to it has left, or is not there. */
function feedTo(
  request: IncomingMessage,
  response: ServerResponse,
  { system, clients }: ServerOptions,
): void {
  let isDrained = true;
  const client: Client = {
    get isReady() {
      return isDrained;
    },
    send(frame) {
      isDrained = response.write(`data: ${frame}\n\n`);
    },
  };
  response.on('drain', () => {
    isDrained = true;
  });
  response.on('close', () => clients.delete(client));
  response.on('error', () => {});
  request.socket.setNoDelay(true);
  response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
  response.flushHeaders();
  clients.add(client);
  system.send(FEED, { tag: 'opened' });
}
