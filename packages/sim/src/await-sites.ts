/**
 * Where async code awaits. Its operations begin when its code is on the stack no more, and of a promise that is not of
 * `self` nothing tells but the host: on Node, for runs that are shown.
 */

import { siteIn } from './source-site.ts';
import type { World } from './world.ts';

interface AsyncHooks {
  createHook(hooks: { init(id: number, type: string): void }): { enable(): void; disable(): void };
}

const { process } = globalThis as {
  readonly process?: { getBuiltinModule?(name: string): unknown };
};

/** From now on each promise that an actor's code makes or awaits is where it waits. Returns how to end that. */
export function tellOfAwaits({ labels }: World, stepping: () => string | undefined): () => void {
  const hooks = process?.getBuiltinModule?.('node:async_hooks') as AsyncHooks | undefined;
  if (hooks === undefined) return () => {};
  const hook = hooks.createHook({
    init(_, type) {
      const path = type === 'PROMISE' ? stepping() : undefined;
      const place = path === undefined ? undefined : labels.at(path);
      if (place === undefined) return;
      const site = siteIn(new Error().stack);
      if (site !== undefined) place.awaitsAt = site;
    },
  });
  hook.enable();
  return () => hook.disable();
}
