/** Tasks that nobody here will ever run: told once a minute, as long as there are some. */

import type { Caller } from 'beamish';
import type { Store } from '../stores/store.ts';
import { reportUndefined, reportUnserved } from './reports.ts';
import type { Request } from './turns.ts';

export interface UnservedOptions {
  readonly by: Caller;
  readonly store: Store;
  readonly definitions: ReadonlyMap<string, unknown>;
  /** Queues that workers here take from. */
  readonly served: ReadonlySet<string>;
  /** Queues whose tasks run elsewhere, and are taken from. */
  readonly isForGuest: (queue: string) => boolean;
  readonly now: () => number;
}

const MINUTE = 60_000;
/** So many of the oldest are looked at for names that are not defined. */
const LOOKED_AT = 1000;

export class Unserved {
  readonly #options: UnservedOptions;

  constructor(options: UnservedOptions) {
    this.#options = options;
  }

  /** `again` is told when to look again; not if there are none. */
  check(again: (at: number) => void): Request {
    const { by, store, definitions, served, isForGuest, now } = this.#options;
    // A process without workers knows that it runs nothing.
    if (served.size === 0) {
      return {
        isRead: true,
        *work() {
          return () => {};
        },
      };
    }
    return {
      isRead: true,
      *work(batch) {
        const { queues } = yield* batch.got(store.counts());
        const oldest = yield* batch.got(
          store.list({ state: 'queued', limit: LOOKED_AT }, undefined),
        );
        const undefinedNames = new Map<string, number>();
        for (const { name, queue } of oldest)
          if (!definitions.has(name) && !isForGuest(queue))
            undefinedNames.set(name, (undefinedNames.get(name) ?? 0) + 1);
        return () => {
          for (const [name, queued] of undefinedNames) reportUndefined(by, name, queued);
          let isAny = undefinedNames.size > 0;
          for (const [queue, { queued, oldestAt = now() }] of Object.entries(queues)) {
            if (queued === 0 || served.has(queue) || isForGuest(queue)) continue;
            isAny = true;
            const oldestMs = now() - oldestAt;
            if (oldestMs >= MINUTE) reportUnserved(by, queue, queued, oldestMs);
          }
          if (isAny) again(now() + MINUTE);
        };
      },
    };
  }
}
