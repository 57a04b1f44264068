/** Which crashes are failures: of actors that may not crash, and of nobody else. */

import type { ExitReason, Pid } from 'beamish';
import { visit } from 'beamish/observation';
import type { Labels } from './labels.ts';
import { isCalled } from './pattern.ts';
import type { Sites } from './sites.ts';

export class Crashes {
  /** The first that may not have been. */
  first: { readonly who: string; readonly reason: ExitReason } | undefined;
  readonly #labels: Labels;
  readonly #mayCrash: readonly string[];
  #hasSupervisors = false;

  constructor(labels: Labels, mayCrash: readonly string[]) {
    this.#labels = labels;
    this.#mayCrash = mayCrash;
  }

  crashed(pid: Pid, reason: ExitReason, sites: Sites): void {
    if (this.#isForgiven(pid)) return;
    this.lookForSupervised(sites, true);
    if (this.#isForgiven(pid)) return;
    const label = this.#labels.labelOf(pid);
    if (this.#mayCrash.some((whom) => isCalled(label, whom))) return;
    this.first ??= { who: label, reason };
  }

  #isForgiven(pid: Pid): boolean {
    return this.#labels.of(pid)?.mayCrash === true;
  }

  /** Who is a child of a supervisor may crash: that is what supervisors are for. */
  lookForSupervised(sites: Sites, hasSpawned: boolean): void {
    if (!hasSpawned && !this.#hasSupervisors) return;
    for (const { system } of sites.all)
      visit(system, ({ pid, childId, kind }) => {
        if (kind === 'supervisor') this.#hasSupervisors = true;
        const place = childId === undefined ? undefined : this.#labels.of(pid);
        if (place !== undefined) place.mayCrash = true;
      });
  }
}
