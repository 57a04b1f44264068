/** What is under way beside the broker's server, which waits for nothing. */

import type { Link } from './link.ts';
import { isLoss, refusalOf } from './refusal.ts';

export class Background {
  readonly #link: Link;
  readonly #failed: (error: unknown) => void;
  readonly #tasks = new Set<Promise<void>>();

  /** `failed`: hears of what nobody else can. */
  constructor(link: Link, failed: (error: unknown) => void) {
    this.#link = link;
    this.#failed = failed;
  }

  /** With a lost connection, all that it had has gone back; what is refused is told of, with what it was for. */
  run(what: string, does: () => Promise<void>): void {
    const task = does().catch((error: unknown) => {
      const refused = refusalOf(error, what);
      if (refused !== undefined)
        this.#link.tell({ kind: 'topology_refused', what, reason: refused.text });
      else if (!isLoss(error)) this.#failed(error);
    });
    const tracked = task.finally(() => this.#tasks.delete(tracked));
    this.#tasks.add(tracked);
  }

  /** When all of it is done. */
  async over(): Promise<void> {
    await Promise.allSettled(this.#tasks);
  }
}
