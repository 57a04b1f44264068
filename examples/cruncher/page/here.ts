// This browser as the one who crunches: the same status, the same crunchers, the same exchanges, in this page and
// its workers. Nothing that is given to it leaves the browser.

import { broker } from '@beamish/exchange';
import { threads } from '@beamish/threads/browser';
import { ActorSystem, child, type Pid, type Portable, supervisor } from 'beamish';
import { inMemory } from '../src/services/book.ts';
import { DESK, desk } from '../src/services/page/desk.ts';
import { type Client, FEED, feed } from '../src/services/page/feed.ts';
import type { Frame } from '../src/services/page/frame.ts';
import { Sight } from '../src/services/page/sight.ts';
import { STATUS, status } from '../src/services/status.ts';
import { type TopologyOptions, topology } from '../src/services/topology.ts';
import { cutFile } from './blob-files.ts';
import { fast, thorough } from './bodies.ts';
import type { Link, Sent, Source } from './source.ts';

const CRUNCHERS = ['fast', 'thorough'] as const;
/** It is started again and again, whatever somebody does to it. */
const RESTARTS = 1_000_000;
const NAMES: TopologyOptions = {};
const BODIES = { fast, thorough };

export class Here implements Source {
  readonly #system = new ActorSystem({ name: 'page', log: 'off' });
  readonly #clients = new Set<Client>();
  readonly #works = new Map<string, { readonly id: string; isCancelled: boolean }>();
  readonly #module = new URL('bodies.js', import.meta.url).href;
  readonly #sight = new Sight(this.#system, this.#module);
  #begun: Promise<unknown> | undefined;

  open(tell: { frame(frame: Frame): void; link(link: Link): void }): void {
    const client: Client = {
      isReady: true,
      send(frame) {
        tell.link({ kind: 'live' });
        tell.frame(JSON.parse(frame) as Frame);
      },
    };
    this.#clients.clear();
    this.#clients.add(client);
    tell.link({ kind: 'connecting' });
    this.#begun ??= this.#begin();
    this.#begun.catch((error: unknown) => tell.link({ kind: 'failed', why: String(error) }));
  }

  async send(id: string, name: string, data: Blob): Promise<Sent> {
    try {
      await this.#begun;
      const path = URL.createObjectURL(data);
      const call = this.#system.call(DESK, { tag: 'arrived', path, shown: name });
      const work = await call.within('infinity');
      this.#works.set(work, { id, isCancelled: false });
      return { kind: 'taken', work };
    } catch (error) {
      return { kind: 'failed', why: String(error) };
    }
  }

  async cancel(id: string): Promise<void> {
    const work = this.#works.get(id);
    if (work === undefined) return;
    work.isCancelled = true;
    this.#system.send(DESK, { tag: 'cancel', work: id });
  }

  async crash(cruncher: string): Promise<string | undefined> {
    const team = this.#system.whereis('crunchers') as Pid | undefined;
    const pid = team && this.#sight.childOf(team, cruncher);
    if (pid === undefined) return `No cruncher "${cruncher}" runs at this moment`;
    this.#system.exitSignal(pid, 'kill');
    return undefined;
  }

  async notify(): Promise<string> {
    return 'Nothing leaves this browser, and so no notice';
  }

  /** What is being crunched goes on; nobody is told. */
  close(): void {
    this.#clients.clear();
  }

  async #begin(): Promise<void> {
    const system = this.#system;
    const its = topology(NAMES);
    const worker = trusted(new URL('browser-worker.js', import.meta.url).href);
    const pool = await threads(system, { size: CRUNCHERS.length, worker, systems: { log: 'off' } });
    const there = { ...NAMES, home: system.name };
    const bodyOf = (
      name: (typeof CRUNCHERS)[number],
    ): Portable<never, [TopologyOptions], void> => ({
      module: this.#module,
      exportName: name,
      body: BODIES[name] as never,
    });
    await system.start(
      supervisor({
        strategy: 'rest_for_one',
        intensity: 10,
        children: [
          child('broker', broker({ topology: [...its.all, ...CRUNCHERS.map(its.crunchers)] })),
          child({ id: 'status', name: STATUS }, status, { topology: NAMES, book: inMemory() }),
          child(
            { id: 'crunchers', name: 'crunchers' },
            supervisor({
              intensity: RESTARTS,
              children: CRUNCHERS.map((name, thread) =>
                child(name, pool.at(bodyOf(name), { thread }), there),
              ),
            }),
          ),
          child({ id: 'desk', name: DESK }, desk, {
            topology: NAMES,
            crunchers: CRUNCHERS,
            files: {
              cut: async (path) => cutFile(path),
              remove: async (path) => URL.revokeObjectURL(path),
            },
          }),
          child({ id: 'feed', name: FEED }, feed, {
            system,
            sight: this.#sight,
            intake: { uploads: () => [] },
            notifyDomain: undefined,
            clients: this.#clients,
            works: this.#works,
            run: 'here',
            crunchers: CRUNCHERS,
            lagMs: lagOfPage(),
          }),
        ],
      }),
    );
  }
}

/** How late a timer is, the latest since the last call. */
function lagOfPage(): () => number {
  const EVERY_MS = 50;
  let longest = 0;
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - EVERY_MS);
    last = now;
  }, EVERY_MS);
  return () => {
    const told = longest;
    longest = 0;
    return told;
  };
}

/** The page may run no script but this worker, where its server says which scripts may be run. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as unknown as { readonly trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined) return url;
  const policy = trustedTypes.createPolicy('cruncher-worker', {
    createScriptURL(asked) {
      if (asked === url) return asked;
      throw new TypeError(`This page runs no ${asked}`);
    },
  });
  return policy.createScriptURL(url) as string;
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}
