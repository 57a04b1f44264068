/** The messages of an iteration: what is recorded is read again and again, and each of them told once. */

import type { MessageView } from '../terms/view.ts';

/** A message is told as long as none was that was sent so much later. */
const OVERLAP_MS = 1000;

export class MessagesTold {
  readonly #tell: (messages: readonly MessageView[]) => void;
  /** What was sent before has been told, or is not told any more. */
  #until = 0;
  #known = new Set<number>();

  constructor(tell: (messages: readonly MessageView[]) => void) {
    this.#tell = tell;
  }

  /** Those that were sent before need not be given again. */
  get after(): number {
    return this.#until - OVERLAP_MS;
  }

  tell(messages: readonly MessageView[]): void {
    const fresh = messages.filter(
      ({ id, sentAt }) => sentAt >= this.#until && !this.#known.has(id),
    );
    if (fresh.length === 0) return;
    this.#until = fresh.reduce((latest, { sentAt }) => Math.max(latest, sentAt), 0) - OVERLAP_MS;
    this.#known = new Set(
      messages.filter(({ sentAt }) => sentAt >= this.#until).map(({ id }) => id),
    );
    this.#tell(fresh);
  }
}
