/**
 * @beamish/threads/browser: actors on every core in a browser, over module workers, with the same API as in Node.
 */

import type { ActorSystem } from 'beamish';
import { BrowserThread, type WebWorker } from './browser/thread.ts';
import { planOf, type ThreadsOptions } from './options.ts';
import { openPool, type PoolGround, type Threads } from './pool.ts';

export type { Placement, Threads } from './pool.ts';

/** As in Node, less what a browser cannot do. */
export interface BrowserThreadsOptions extends Omit<ThreadsOptions, 'resourceLimits'> {
  /**
   * The module that a thread runs first: `@beamish/threads/browser-worker`, where the bundler has put it. It must share the
   * `beamish` that bodies import, as modules of one bundle do. Default: `browser-worker.js` beside this module.
   */
  readonly worker?: string | URL;
}

const WORKER = 'browser-worker.js';

/**
 * Starts threads in a browser, and resolves when all have begun. All of `threads` of `@beamish/threads` holds but:
 *
 * - `size: 'cores'` is as many as the browser says, which may be fewer than there are.
 * - A browser limits no worker's memory: `resourceLimits` is refused.
 * - Which messages were lost with a thread is known only on a page that is isolated (`crossOriginIsolated`); elsewhere
 *   `system_down` says 0, and tells of none that had left.
 * - A thread that closes itself is missed when its event loop has not turned for `stallMs`.
 *
 * ```ts
 * // bodies.ts, which the bundler makes a file of its own
 * export const hasher = portable(import.meta, 'hasher', function* (self: Self<Job>): Actor { … });
 *
 * // page.ts
 * const cores = await threads(system, { size: 2 });
 * const pid = cores.spawn(hasher);
 * ```
 *
 * A bundler may take a module apart: a body is found by the URL of its module and the name that this exports, so
 * bodies stand in an entry of the bundle.
 *
 * Rejects with a RangeError or TypeError for options that are none, for a system that has been shut down, and
 * with what kept a thread from beginning, as a worker that cannot be loaded; then its threads are stopped, and the
 * system goes on.
 */
export async function threads(
  system: ActorSystem,
  options: BrowserThreadsOptions = {},
): Promise<Threads> {
  const { worker = new URL(WORKER, import.meta.url), ...others } = options;
  if ('resourceLimits' in others)
    throw new TypeError(
      'Cannot limit the memory of threads in a browser: it has no means for that',
    );
  const plan = planOf(others, host.navigator.hardwareConcurrency);
  const ground = groundOf(system);
  return await openPool(system, plan, {
    ...ground,
    start: (me, known, ended) =>
      new BrowserThread({
        system,
        me,
        plan,
        others: known,
        ended,
        makeWorker: (name) => new host.Worker(worker, { type: 'module', name }),
      }),
  });
}

const host = globalThis as unknown as {
  readonly Worker: new (
    url: string | URL,
    options: { readonly type: 'module'; readonly name: string },
  ) => WebWorker;
  readonly navigator: { readonly hardwareConcurrency: number };
};

type Ground = Omit<PoolGround<BrowserThread>, 'start'>;
const grounds = new WeakMap<ActorSystem, Ground>();

/** All threads of one actor system, of whichever pool. */
function groundOf(system: ActorSystem): Ground {
  const known = grounds.get(system);
  if (known !== undefined) return known;
  const given = new Map<string, number>();
  const ground: Ground = {
    threads: new Set(),
    freshNames(pool, count) {
      const first = (given.get(pool) ?? 0) + 1;
      given.set(pool, first + count - 1);
      return Array.from({ length: count }, (_, i) => `${pool}-${first + i}`);
    },
  };
  grounds.set(system, ground);
  return ground;
}
