/**
 * What an exploration was asked for and that came in none of its runs: faults, causes of claims, and those whom a
 * claim is about. Whoever asked for it believes that it did.
 */

import type { Fault } from './faults.ts';
import type { Pattern } from './pattern.ts';
import type { Vacuous } from './verdict.ts';
import type { World } from './world.ts';

type OfClaim = { readonly kind: 'vacuous'; readonly claim: string } & (
  | { readonly cause: Pattern }
  | { readonly whom: string }
);

export class Unseen {
  readonly #faults: Set<Fault>;
  /** By claim, and of whom it is. */
  readonly #ofClaims = new Map<string, OfClaim>();
  /** Those that have come. */
  readonly #begun = new Set<string>();
  #labels: readonly string[] = [];

  constructor(faults: readonly Fault[]) {
    this.#faults = new Set(faults);
  }

  /** After a run. */
  note({ possibleFaults, claims, labels }: World): void {
    for (const { name, cause, hasBegun } of claims.leads)
      this.#note(name, hasBegun, { kind: 'vacuous', claim: name, cause });
    for (const { claim, whom, hasBegun } of claims.abouts)
      this.#note(`${claim} ${whom}`, hasBegun, { kind: 'vacuous', claim, whom });
    if (this.#faults.size > 0) for (const fault of possibleFaults) this.#faults.delete(fault);
    if (this.#faults.size + this.#ofClaims.size > 0) this.#labels = labels.ofActors();
  }

  #note(key: string, hasBegun: boolean, its: OfClaim): void {
    if (hasBegun) this.#begun.add(key);
    if (this.#begun.has(key)) this.#ofClaims.delete(key);
    else this.#ofClaims.set(key, its);
  }

  /** Of the first; undefined if there is none. */
  get verdict(): Vacuous | undefined {
    const labels = this.#labels;
    for (const fault of this.#faults)
      return { kind: 'vacuous', claim: asWritten(fault), fault, labels };
    for (const its of this.#ofClaims.values()) return { ...its, labels };
    return undefined;
  }
}

function asWritten({ kind, whom, from }: Fault): string {
  const its = typeof whom === 'string' ? `'${whom}'` : `name('${whom.name}')`;
  return from === undefined ? `${kind}(${its})` : `${kind}(['${from}', ${its}])`;
}
