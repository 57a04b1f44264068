/** Serves the page: HTTP on this machine, three files, a stream of what is seen, and three things to ask for. */

import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { metrics } from '../exports/metrics.ts';
import type { Observer } from '../observing/observer.ts';
import { RecordedView, type Recording } from '../recording/recording.ts';
import type { Action } from '../terms/happening.ts';
import { fromPlain, toPlain } from '../terms/plain.ts';
import { parsePid, type WatchedView } from '../terms/wire.ts';
import { Client, Clients, envelope, FRAME_MS } from './clients.ts';
import { type PageFile, pageFiles } from './files.ts';
import { checkGate, Gate, isLoopback } from './gate.ts';
import { sourceOfRecording } from './recorded-source.ts';
import { type PageSource, sourceOf } from './source.ts';
import { leave } from './state-file.ts';

/** How to serve; all may be left out. */
export interface ServeOptions {
  /** Default 0: any that is free. */
  readonly port?: number;
  /** Default `'127.0.0.1'`. */
  readonly host?: '127.0.0.1' | '::1' | (string & {});
  /** Who can reach the host must have the token; what crosses the network can be read there. Default false. */
  readonly allowRemote?: boolean;
  /** Names by which a proxy calls it, besides its own address. */
  readonly hosts?: readonly string[];
  /** At once; another is answered 503. Default 16. */
  readonly clients?: number;
  /** One that outlives a restart; at least 22 characters. Default: fresh at each start. */
  readonly token?: string;
}

/** A page that is served. */
export interface Page extends AsyncDisposable {
  /** With the token in it: whoever has it sees everything. */
  readonly url: string;
  /** On which it listens. */
  readonly port: number;
  /** What a client has to have. */
  readonly token: string;
  /** Those who look at this moment. */
  readonly clients: number;
  /** The server failed, after it had begun. Until then nobody hears of it but here. */
  readonly failed: Promise<Error>;
  /** Ends the page; who looks is told. */
  close(): Promise<void>;
}

const LARGEST_BODY = 64 * 1024;
const LARGEST_HEADER = 8 * 1024;
const SLOWEST_MS = 5000;
const VIEWS: readonly WatchedView[] = ['actors', 'messages', 'waits', 'panels'];
const SLOWEST_FRAME_MS = 10_000;

/** What every answer says: nothing is kept, framed, sniffed, run or sent elsewhere. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

/**
 * Serves the page of an observer or of a recording, on this machine only. Never keeps the program alive; an error of it is an
 * event of `page`, never of the program. It ends with the observer, and with the system.
 *
 * ```ts
 * const page = await servePage(observer);
 * console.log(page.url); // http://127.0.0.1:41873/?token=…
 * ```
 *
 * @throws RangeError for a host that others can reach, without `allowRemote`; rejects if the port is taken.
 */
export async function servePage(
  view: Observer | Recording,
  options: ServeOptions = {},
): Promise<Page> {
  if (view instanceof RecordedView) return await serve(sourceOfRecording(view), undefined, options);
  const observer = view as Observer;
  const page = await serve(sourceOf(observer), () => metrics(observer), options);
  // So that `beamish-observer top` finds it.
  page.closed = leave(page.url, observer.system.name);
  return page;
}

async function serve(
  source: PageSource,
  metricsOf: (() => Promise<string>) | undefined,
  options: ServeOptions,
): Promise<PageServer> {
  const {
    port = 0,
    host = '127.0.0.1',
    allowRemote = false,
    hosts = [],
    clients = 16,
    token,
  } = options;
  checkGate(host, allowRemote, token);
  const files = await pageFiles();
  const server = createServer({
    maxHeaderSize: LARGEST_HEADER,
    headersTimeout: SLOWEST_MS,
    requestTimeout: SLOWEST_MS,
    connectionsCheckingInterval: 1000,
    requireHostHeader: false,
    keepAliveTimeout: SLOWEST_MS,
  });
  server.unref();
  server.on('connection', (socket) => {
    socket.unref();
    socket.on('error', () => socket.destroy());
  });
  await listening(server, port, host);
  const address = server.address() as AddressInfo;
  if (!isLoopback(host))
    process.stderr.write(
      `beamish observer: whoever reaches ${host}:${address.port} and has the token sees everything\n`,
    );
  return new PageServer(server, address.port, host, source, files, metricsOf, {
    most: clients,
    gate: new Gate(address.port, { token, hosts, isRemote: !isLoopback(host) }),
  });
}

class PageServer implements Page {
  readonly port: number;
  readonly url: string;
  readonly failed: Promise<Error>;
  readonly #server: Server;
  readonly #source: PageSource;
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #gate: Gate;
  readonly #clients: Clients;
  readonly #most: number;
  readonly #metricsOf: (() => Promise<string>) | undefined;
  #fail: (error: Error) => void = () => {};
  /** To be done when it is closed. */
  closed: () => void = () => {};

  constructor(
    server: Server,
    port: number,
    host: string,
    source: PageSource,
    files: ReadonlyMap<string, PageFile>,
    metricsOf: (() => Promise<string>) | undefined,
    { most, gate }: { readonly most: number; readonly gate: Gate },
  ) {
    this.#server = server;
    this.port = port;
    this.#source = source;
    this.#files = files;
    this.#gate = gate;
    this.#most = most;
    this.#metricsOf = metricsOf;
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/?token=${gate.token}`;
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
    const failed = (error: unknown) =>
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    source.onFailure(failed);
    this.#clients = new Clients(source, failed);
    server.on('error', failed);
    server.on('clientError', (_error, socket) => socket.destroy());
    server.on('request', (request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        failed(error);
        if (response.headersSent) response.destroy();
        else say(response, 500, 'The page failed; the program goes on.');
      });
    });
  }

  get token(): string {
    return this.#gate.token;
  }

  get clients(): number {
    return this.#clients.all.size;
  }

  async close(): Promise<void> {
    this.closed();
    this.#clients.close('closed');
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = urlOf(request.url ?? '/');
    const entry = this.#gate.admit(request, url, performance.now());
    if (!entry.ok) return say(response, entry.status, entry.why);
    const { method } = request;
    const path = url.pathname;
    if (method !== 'GET' && method !== 'POST') return say(response, 405, 'Only GET and POST.');
    const isApi =
      path === '/api/watch' || path === '/api/ask' || path === '/api/act' || path === '/api/seek';
    if (isApi) {
      if (method !== 'POST') return say(response, 405, 'Only POST.');
      return await this.#api(path, request, response);
    }
    const file = request.url?.includes('..') === true ? undefined : this.#files.get(path);
    const isKnown =
      file !== undefined ||
      path === '/events' ||
      (path === '/metrics' && this.#metricsOf !== undefined);
    if (!isKnown) return say(response, 404, 'There is nothing of that name.');
    if (method !== 'GET') return say(response, 405, 'Only GET.');
    if (path === '/' && entry.viaAddress) {
      const cookie = `${this.#gate.cookie}=${this.#gate.token}; HttpOnly; SameSite=Strict; Path=/`;
      response.writeHead(303, { ...HEADERS, 'Set-Cookie': cookie, Location: '/' });
      response.end();
    } else if (path === '/events') {
      this.#stream(request, response);
    } else if (file !== undefined) {
      response.writeHead(200, {
        ...HEADERS,
        'Content-Type': file.type,
        'Content-Length': file.body.length,
      });
      response.end(file.body);
    } else {
      const text = (await this.#metricsOf?.()) ?? '';
      response.writeHead(200, {
        ...HEADERS,
        'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
      });
      response.end(text);
    }
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    if (this.#clients.all.size >= this.#most)
      return say(
        response,
        503,
        `${this.#most} others look at this already. Close one of them, or allow more.`,
      );
    const { remoteAddress = '', remotePort = 0 } = request.socket;
    const client = new Client(
      randomBytes(9).toString('base64url'),
      `${remoteAddress}:${remotePort}`,
      response,
    );
    response.on('close', () => this.#clients.remove(client));
    response.on('error', () => this.#clients.remove(client));
    request.socket.setNoDelay(true);
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream; charset=utf-8' });
    this.#clients.add(client);
  }

  async #api(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const told = await bodyOf(request);
    if (told === 'too_large')
      return say(response, 413, `A request has at most ${LARGEST_BODY} bytes.`);
    if (told === 'aborted') return response.destroy() && undefined;
    if (told === 'not_json') return say(response, 400, 'A request is a JSON object.');
    const client = this.#clients.byId(told['client']);
    if (client === undefined) return say(response, 409, 'This client is not connected any more.');
    switch (path) {
      case '/api/watch':
        return this.#watch(client, told, response);
      case '/api/ask':
        return await this.#ask(client, told, response);
      case '/api/seek':
        return await this.#seek(told, response);
      default:
        return await this.#act(client, told, response);
    }
  }

  #watch(client: Client, told: Told, response: ServerResponse): void {
    const views = Array.isArray(told['views']) ? told['views'] : [];
    client.views = new Set(VIEWS.filter((view) => views.includes(view)));
    const frameMs = Number(told['frameMs'] ?? FRAME_MS);
    client.frameMs = Math.min(
      SLOWEST_FRAME_MS,
      Math.max(FRAME_MS, Number.isFinite(frameMs) ? frameMs : FRAME_MS),
    );
    this.#clients.adjust();
    answer(response, 200, { ok: true });
  }

  async #ask(client: Client, told: Told, response: ServerResponse): Promise<void> {
    const actor = String(told['actor']);
    const detail = await this.#source.detail(actor, told['state'] === true);
    answer(response, 200, { ok: detail !== undefined });
    client.write(
      envelope('detail', {
        ask: Number(told['ask']),
        detail: detail === undefined ? null : toPlain(detail),
      }),
    );
  }

  async #act(client: Client, told: Told, response: ServerResponse): Promise<void> {
    const action = this.#actionOf(told['action']);
    const result =
      action === undefined || !this.#source.control
        ? ({ ok: false, reason: 'refused' } as const)
        : await this.#source.act(action, client.by);
    answer(response, this.#source.control ? 200 : 403, result);
    client.write(envelope('answer', { ask: Number(told['ask']), ...result }));
  }

  async #seek(told: Told, response: ServerResponse): Promise<void> {
    const at = Number(told['to']);
    if (this.#source.recorded === undefined || !Number.isFinite(at))
      return say(response, 404, 'Only a recording has other times.');
    await this.#source.recorded.seek(at);
    this.#clients.refresh();
    answer(response, 200, { ok: true });
  }

  #actionOf(told: unknown): Action | undefined {
    if (typeof told !== 'object' || told === null) return undefined;
    const { kind, to } = told as { readonly kind?: unknown; readonly to?: unknown };
    if (kind === 'panel') return told as Action;
    const pid =
      typeof to === 'string' && parsePid(to) !== undefined ? this.#source.model.pid(to) : undefined;
    if (pid === undefined) return undefined;
    const { to: _, ...rest } = fromPlain(told, () => undefined) as { to: unknown };
    return { ...rest, to: pid } as unknown as Action;
  }
}

type Told = Readonly<Record<string, unknown>>;

async function bodyOf(
  request: IncomingMessage,
): Promise<Told | 'too_large' | 'aborted' | 'not_json'> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > LARGEST_BODY) return 'too_large';
      chunks.push(chunk);
    }
  } catch {
    // The client is gone, or was too slow.
    return 'aborted';
  }
  try {
    const told: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return typeof told === 'object' && told !== null ? (told as Told) : 'not_json';
  } catch {
    return 'not_json';
  }
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(error);
    server.once('error', failed);
    server.listen({ port, host, exclusive: true }, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

/** What is no address is none of ours. */
function urlOf(path: string): URL {
  try {
    return new URL(path.startsWith('//') ? '/%00' : path, 'http://page');
  } catch {
    return new URL('http://page/%00');
  }
}

function say(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, {
    ...HEADERS,
    'Content-Type': 'text/plain; charset=utf-8',
    ...(status === 413 ? { Connection: 'close' } : {}),
  });
  response.end(`${why}\n`);
}

function answer(response: ServerResponse, status: number, what: object): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(what));
}
