/** The actor that has the web server: it listens before its start is over, and closes at its end. */

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type Actor, server } from 'beamish';
import type { Hono } from 'hono';
import type { Env } from './answers.ts';
import { LONGEST_MS } from './guard.ts';
import type { Place } from './site.ts';

export interface WebSettings {
  readonly host: string;
  /** 0 is any that is free. */
  readonly port: number;
}

/** How long those that are being answered have at its end. */
const PATIENCE_MS = 1000;

/** `site` makes what answers. What it holds it lets go of when its signal is aborted. */
export const webServer = server(function* webServer(
  self,
  { host, port }: WebSettings,
  site: (place: Place, ended: AbortSignal) => Hono<Env>,
) {
  self.trapExit(true); // so that `terminate` runs
  const end = new AbortController();
  self.defer(() => end.abort());
  let listening = port;
  const http = createAdaptorServer({
    fetch: site({ host, port: () => listening }, end.signal).fetch,
    serverOptions: {
      requestTimeout: LONGEST_MS,
      headersTimeout: LONGEST_MS,
      connectionsCheckingInterval: 1000,
    },
  }) as Server;
  self.defer(() => http.closeAllConnections());
  listening = yield* self.wait(listen(http, host, port));
  return {
    call: { url: () => `http://${host.includes(':') ? `[${host}]` : host}:${listening}` },
    /** No new connections, and those that are being answered end; watchers are told nothing more. */
    *terminate(): Actor {
      http.closeIdleConnections();
      yield* self.wait(closed(http));
    },
  };
});

function listen(http: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => resolve((http.address() as AddressInfo).port));
  });
}

function closed(http: Server): Promise<void> {
  return new Promise((resolve) => {
    http.close(() => resolve());
    setTimeout(resolve, PATIENCE_MS).unref();
  });
}
