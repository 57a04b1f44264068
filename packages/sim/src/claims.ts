/** What has to hold in a run, or in some run. */

export interface Claim {
  readonly name: string;
  readonly claim: () => boolean;
}

export class Claims {
  readonly always: Claim[] = [];
  readonly eventually: Claim[] = [];
  readonly sometimes: Claim[] = [];
  /** Names of those of `sometimes` that held after some step. */
  readonly held = new Set<string>();

  /** After a step: the name of a claim that does not hold. */
  broken(): string | undefined {
    for (const { name, claim } of this.sometimes) if (claim()) this.held.add(name);
    return this.always.find(({ claim }) => !claim())?.name;
  }

  /** When nothing can happen any more. */
  unfulfilled(): string | undefined {
    return this.eventually.find(({ claim }) => !claim())?.name;
  }
}
