/** Ways to break the packages, each of which their tests must notice. */

import { readdirSync } from 'node:fs';

export interface Mutation {
  /** What is broken, in the words of the rule. */
  readonly name: string;
  /** In the package's src. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  /** It compiles, so that it is a rule that is broken and not the program. */
  readonly to: string;
}

/** What a package's mutations are, and which tests have to notice them. */
export interface Suspect {
  /** The name of its folder in `packages`. */
  readonly short: string;
  readonly tests: readonly string[];
  readonly mutations: readonly Mutation[];
}

/** Tests of the runtime stand in several suites; those of any other package in the folder of its name. */
const TESTS: { readonly [short: string]: readonly string[] } = {
  beamish: ['test/conformance', 'test/properties', 'test/beamish', 'test/contract/twin.test.ts'],
  // What else there is takes long, and notices nothing that these do not.
  sim: ['rules', 'counts', 'faults', 'systems', 'soundness'].map((of) => `test/sim/${of}.test.ts`),
};

/** Every package that has a file in `mutations/`. */
export async function suspects(): Promise<Suspect[]> {
  const files = readdirSync(new URL('mutations/', import.meta.url)).sort();
  return await Promise.all(
    files.map(async (file) => {
      const short = file.replace(/\.ts$/, '');
      const { mutations } = (await import(`./mutations/${short}.ts`)) as Pick<Suspect, 'mutations'>;
      return { short, tests: TESTS[short] ?? [`test/${short}`], mutations };
    }),
  );
}
