/**
 * The runs of a system that somebody outside waits for. When every actor waits for a message and nothing
 * else is pending, the program would end in silence: each of them is told instead that it can never end,
 * and who waits for what.
 */

import { snapshot } from '../reports/introspect.ts';
import type { ActorCell } from '../state/actor-cell.ts';
import { everyone } from '../state/actor-table.ts';
import type { SystemState } from '../state/system-state-types.ts';
import { bodyName } from '../terms/spawnable.ts';

export class Runs {
  readonly #system: SystemState;
  readonly #waiting = new Map<ActorCell, (reason: unknown) => void>();
  /** Set while somebody waits. */
  #stopWatching: (() => void) | undefined;

  constructor(system: SystemState) {
    this.#system = system;
  }

  /** `reject` is called if the run can never end. */
  add(cell: ActorCell, reject: (reason: unknown) => void): void {
    this.#waiting.set(cell, reject);
    this.#stopWatching ??= this.#system.clock.whenOver(() => this.#rejectAll());
  }

  delete(cell: ActorCell): void {
    this.#waiting.delete(cell);
    if (this.#waiting.size > 0) return;
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }

  #rejectAll(): void {
    const everybody = everyone(this.#system).map(line).join('\n');
    for (const [cell, reject] of this.#waiting) {
      const what = `Run of ${String(cell.pid)} (${bodyName(cell.body)}) can never end`;
      const why = 'every actor waits for a message, and no timer or promise is pending';
      reject(new Error(`${what}: ${why}\n${everybody}`));
    }
    this.#waiting.clear();
  }
}

function line(cell: ActorCell): string {
  const { pid, body, waitingFor } = snapshot(cell);
  const what = waitingFor.map((tag) => (tag === '*' ? 'any message' : tag)).join(', ');
  return `  ${String(pid)} (${body}) waits for ${what}`;
}
