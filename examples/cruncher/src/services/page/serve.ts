// The page as a program: threads for the crunchers, the tree with the page's own actors below it, and the server.

import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { threads } from '@beamish/threads';
import { createAdaptorServer } from '@hono/node-server';
import { type ActorSystem, child, main, supervisor } from 'beamish';
import { CRUNCHERS, SERVICES, type ServicesOptions, services } from '../tree.ts';
import { pageAssets } from './bundle.ts';
import { DESK, desk } from './desk.ts';
import { type Client, FEED, feed } from './feed.ts';
import { diskSpool, Intake, type Limits } from './intake.ts';
import { loopLag } from './lag.ts';
import { pageServer } from './server.ts';
import { Sight } from './sight.ts';
import { SIGHT_THERE } from './sight-there.ts';

export interface PageOptions {
  readonly services: ServicesOptions;
  readonly host: string;
  readonly port: number;
  /** Where uploads are until they have been crunched. */
  readonly spool: string;
  /** Whether what is there goes with the program. */
  readonly isTemporary: boolean;
  readonly limits?: Limits;
}

export interface Page {
  readonly url: string;
  /** Resolves with the exit code when the program has been told to end. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

/** @throws an error with `code` if it cannot listen there. */
export async function openPage(system: ActorSystem, options: PageOptions): Promise<Page> {
  const { host, spool } = options;
  const crunchers = Object.keys(CRUNCHERS);
  const intake = new Intake(spool, options.limits);
  await intake.open();
  const assets = await pageAssets(false);
  const sight = new Sight(system, SIGHT_THERE);
  const pool = await threads(system, { size: crunchers.length, systems: { log: 'off' } });
  const clients = new Set<Client>();
  const works = new Map<string, { readonly id: string; isCancelled: boolean }>();
  const { notifyDomain, topology } = options.services;

  let hosts: ReadonlySet<string> = new Set();
  const app = pageServer({
    services: options.services,
    system,
    intake,
    sight,
    clients,
    works,
    assets,
    hosts: () => hosts,
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  // An upload takes as long as it takes; a header does not.
  server.requestTimeout = 0;
  server.headersTimeout = 10_000;
  const port = await listening(server, options.port, host);
  hosts = hostsOf(host, port);

  const tree = supervisor({
    strategy: 'rest_for_one',
    intensity: 10,
    children: [
      child(
        { id: 'services', name: SERVICES },
        services({
          ...options.services,
          home: system.name,
          place: (body) => pool.at(body, { thread: crunchers.indexOf(body.exportName) }),
        }),
      ),
      child({ id: 'desk', name: DESK }, desk, { topology, crunchers, files: diskSpool }),
      child({ id: 'feed', name: FEED }, feed, {
        system,
        sight,
        intake,
        clients,
        works,
        notifyDomain,
        run: randomUUID(),
        crunchers,
        lagMs: loopLag(),
      }),
    ],
  });
  const program = await main(tree, { system });
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    sight.close();
    if (options.isTemporary) await rm(spool, { recursive: true, force: true });
  };
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${shown === '0.0.0.0' ? 'localhost' : shown}:${port}/`,
    ended: program.ended.finally(close),
    async stop() {
      await program.stop();
      await close();
    },
  };
}

function listening(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** By which names a browser asks for it: those of this machine, and the one that it was given. */
function hostsOf(host: string, port: number): ReadonlySet<string> {
  const names = ['localhost', '127.0.0.1', '[::1]', host.includes(':') ? `[${host}]` : host];
  return new Set(
    names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])),
  );
}
