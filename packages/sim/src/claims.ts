/** What has to hold in a run, or in some run. */

import { isMatch, type Pattern, type Seen } from './pattern.ts';

/** A claim about a state. */
export interface Claim {
  readonly name: string;
  readonly claim: () => boolean;
}

/** A claim about what comes after what. */
interface Lead {
  readonly name: string;
  readonly cause: Pattern;
  readonly effect: Pattern;
  readonly within: number;
  /** When the first cause came that nothing has answered. */
  since: number | undefined;
}

export class Claims {
  readonly always: Claim[] = [];
  readonly eventually: Claim[] = [];
  readonly sometimes: Claim[] = [];
  /** Names of those of `sometimes` that held after some step. */
  readonly held = new Set<string>();
  readonly #leads: Lead[] = [];

  addLead(name: string, cause: Pattern, effect: Pattern, within = Number.POSITIVE_INFINITY): void {
    this.#leads.push({ name, cause, effect, within, since: undefined });
  }

  get hasLeads(): boolean {
    return this.#leads.length > 0;
  }

  /** After a step: the name of a claim that does not hold. `seen` is what has happened in it, in order. */
  broken(now: number, seen: readonly Seen[]): string | undefined {
    for (const { name, claim } of this.sometimes)
      if (!this.held.has(name) && claim()) this.held.add(name);
    for (const { name, claim } of this.always) if (!claim()) return name;
    for (const lead of this.#leads) {
      for (const each of seen) {
        if (lead.since !== undefined && isMatch(lead.effect, each)) lead.since = undefined;
        if (lead.since === undefined && isMatch(lead.cause, each)) lead.since = now;
      }
      if (lead.since !== undefined && now - lead.since > lead.within) return lead.name;
    }
    return undefined;
  }

  /** When nothing can happen any more. */
  unfulfilled(): string | undefined {
    for (const { name, claim } of this.eventually) if (!claim()) return name;
    return this.#leads.find(({ since }) => since !== undefined)?.name;
  }
}
