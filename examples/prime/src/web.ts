/** The actor that has the web server: it listens before its start is over, and closes at its end. */

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { metrics, type Tasks } from '@beamish/tasks';
import { createAdaptorServer } from '@hono/node-server';
import { type Actor, server } from 'beamish';
import { LONGEST_MS } from './guard.ts';
import { routes } from './routes.ts';

export interface WebSettings {
  readonly host: string;
  /** 0 is any that is free. */
  readonly port: number;
}

export const web = server(function* web(self, { host, port }: WebSettings, app: Tasks) {
  self.trapExit(true); // so that `terminate` runs
  const figures = metrics(app);
  self.defer(() => figures.close());
  let listening = port;
  const site = routes({ host, port: () => listening, app, metrics: figures });
  const http = createAdaptorServer({
    fetch: site.fetch,
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
      yield* self.wait(
        new Promise<void>((resolve) => {
          http.close(() => resolve());
          setTimeout(resolve, 1000).unref();
        }),
      );
    },
  };
});

function listen(http: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => resolve((http.address() as AddressInfo).port));
  });
}
