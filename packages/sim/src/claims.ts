/** What has to hold in a run, or in some run. */

import { isCalled, isMatch, type Pattern, type Seen } from './pattern.ts';

/** A claim about a state. */
export interface Claim {
  readonly name: string;
  readonly claim: () => boolean;
}

/** A claim about what comes after what. */
export interface Lead {
  readonly name: string;
  readonly cause: Pattern;
  readonly effect: Pattern;
  readonly within: number;
  /** A cause has come in this run. */
  hasBegun: boolean;
  /** When the first cause came that nothing has answered. */
  since: number | undefined;
}

/** Somebody whose steps are told apart, as a claim compares what several have done. */
export interface About {
  readonly claim: string;
  readonly whom: string;
  /** There was such a step in this run. */
  hasBegun: boolean;
}

export class Claims {
  readonly always: Claim[] = [];
  readonly eventually: Claim[] = [];
  readonly sometimes: Claim[] = [];
  /** Names of those of `sometimes` that held after some step. */
  held: ReadonlySet<string> = NONE;
  readonly leads: Lead[] = [];
  readonly abouts: About[] = [];

  addLead(name: string, cause: Pattern, effect: Pattern, within = Number.POSITIVE_INFINITY): void {
    this.leads.push({ name, cause, effect, within, hasBegun: false, since: undefined });
  }

  addAbout(claim: string, whom: string): void {
    this.abouts.push({ claim, whom, hasBegun: false });
  }

  /** Those claims that are about somebody who is called so, and who has made a step. */
  *aboutStepOf(label: string): Iterable<string> {
    for (const about of this.abouts) {
      if (!isCalled(label, about.whom)) continue;
      about.hasBegun = true;
      yield about.claim;
    }
  }

  /** After a step: the name of a claim that does not hold. `seen` is what has happened in it, in order. */
  broken(now: number, seen: readonly Seen[]): string | undefined {
    for (const { name, claim } of this.sometimes)
      if (!this.held.has(name) && claim()) this.held = new Set([...this.held, name]);
    for (const { name, claim } of this.always) if (!claim()) return name;
    for (const lead of this.leads) {
      for (const each of seen) {
        if (lead.since !== undefined && isMatch(lead.effect, each)) lead.since = undefined;
        if (lead.since === undefined && isMatch(lead.cause, each)) {
          lead.since = now;
          lead.hasBegun = true;
        }
      }
      if (lead.since !== undefined && now - lead.since > lead.within) return lead.name;
    }
    return undefined;
  }

  /** When nothing can happen any more. */
  unfulfilled(): string | undefined {
    for (const { name, claim } of this.eventually) if (!claim()) return name;
    return this.leads.find(({ since }) => since !== undefined)?.name;
  }
}

const NONE: ReadonlySet<never> = new Set();
