/**
 * What somebody outside waits for without a deadline: a run, a start, a reply. When
 * every actor waits for a message and nothing else is pending, the program would end in silence: whoever
 * waits is told instead that it waits for ever, and which actor waits for what.
 */

import { snapshot } from '../reports/introspect.ts';
import type { ActorCell } from '../state/actor-cell.ts';
import { everyone } from '../state/actor-table.ts';
import type { SystemState } from '../state/system-state-types.ts';

export interface Wait {
  /** What can never end, as the beginning of a sentence. */
  what(): string;
  reject(error: Error): void;
}

export class Waits {
  readonly #system: SystemState;
  readonly #waiting = new Set<Wait>();
  /** Set while somebody waits. */
  #stopWatching: (() => void) | undefined;

  constructor(system: SystemState) {
    this.#system = system;
  }

  /** Returns what to call when it is over; again does nothing. */
  add(wait: Wait): () => void {
    this.#waiting.add(wait);
    this.#stopWatching ??= this.#system.clock.whenOver(() => this.#rejectAll());
    return () => this.#delete(wait);
  }

  #delete(wait: Wait): void {
    this.#waiting.delete(wait);
    if (this.#waiting.size > 0) return;
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }

  #rejectAll(): void {
    const everybody = everyone(this.#system).map((cell) => `\n${line(cell)}`);
    const why = 'every actor waits for a message, and no timer or promise is pending';
    for (const wait of [...this.#waiting]) {
      this.#delete(wait);
      wait.reject(new Error(`${wait.what()} can never end: ${why}${everybody.join('')}`));
    }
  }
}

function line(cell: ActorCell): string {
  const { pid, body, waitingFor } = snapshot(cell);
  const what = waitingFor.map((tag) => (tag === '*' ? 'any message' : tag)).join(', ');
  return `  ${String(pid)} (${body}) waits for ${what}`;
}
