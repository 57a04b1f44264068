/** The faults of an exploration that could come in none of its runs: whoever asked for them believes that they did. */

import type { Fault } from './faults.ts';
import type { Vacuous } from './verdict.ts';
import type { World } from './world.ts';

export class UnseenFaults {
  readonly #faults: Set<Fault>;
  #labels: readonly string[] = [];

  constructor(faults: readonly Fault[]) {
    this.#faults = new Set(faults);
  }

  /** After a run. */
  note({ possibleFaults, labels }: World): void {
    if (this.#faults.size === 0) return;
    for (const fault of possibleFaults) this.#faults.delete(fault);
    if (this.#faults.size > 0) this.#labels = labels.ofActors();
  }

  /** Of the first; undefined if there is none. */
  get verdict(): Vacuous | undefined {
    for (const fault of this.#faults)
      return { kind: 'vacuous', claim: asWritten(fault), fault, labels: this.#labels };
    return undefined;
  }
}

function asWritten({ kind, whom, from }: Fault): string {
  const its = typeof whom === 'string' ? `'${whom}'` : `name('${whom.name}')`;
  return from === undefined ? `${kind}(${its})` : `${kind}(['${from}', ${its}])`;
}
