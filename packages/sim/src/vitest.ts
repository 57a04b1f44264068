/** @beamish/sim/vitest: scenarios as tests, and what `expect` says of an exploration. */

import type { Message } from 'beamish';
import { expect, type TestContext, test } from 'vitest';
import { type Exploration, SimulationFailed } from './exploration.ts';
import { explore } from './explore.ts';
import { type ExploreOptions, exploring } from './options.ts';
import type { Run } from './run.ts';
import type { Scenario } from './scenario.ts';
import type { Verdict } from './verdict.ts';

/** `test` of vitest, for scenarios: `check` with half of the test's time as its budget; the rest is for making a failure small. */
export interface SimTest {
  <M extends Message = never>(name: string, scenario: Scenario<M>, options?: ExploreOptions): void;
  /** Only this one of the file. */
  only: SimTest;
  /** Not this one. */
  skip: SimTest;
  /** It is expected to fail. */
  fails: SimTest;
}

/** What `expect(exploration)` has, once `@beamish/sim/vitest` is imported. */
export interface SimMatchers {
  /** An exploration: nothing failed. */
  toPass(): void;
  /** An exploration: every schedule was covered. */
  toBeComplete(): void;
  /** An exploration, or a run: what is wrong, by kind. */
  toFailWith(kind: Verdict['kind'] | 'vacuous'): void;
}

declare module 'vitest' {
  interface Matchers<T> extends SimMatchers {}
}

/**
 * A test that passes when no schedule makes its scenario fail.
 *
 * ```ts
 * sim('no update is lost', function* (self, { clients }) {
 *   const account = self.spawn(bank);
 *   yield* clients({ ann: [deposit, account], bob: [deposit, account] });
 *   expect(yield* self.call(account, { tag: 'balance' })).toBe(2);
 * });
 * ```
 */
export const sim: SimTest = simTest((name, body) => test(name, body));
// biome-ignore lint/suspicious/noFocusedTests: it is the verb that focuses
sim.only = simTest((name, body) => test.only(name, body));
sim.skip = simTest((name, body) => test.skip(name, body));
sim.fails = simTest((name, body) => test.fails(name, body));

type Define = (name: string, body: (context: TestContext) => Promise<void>) => void;

function simTest(define: Define): SimTest {
  const its = <M extends Message>(
    name: string,
    scenario: Scenario<M>,
    options: ExploreOptions = {},
  ): void => {
    const site = new Error();
    Error.captureStackTrace?.(site, its);
    define(name, (context) => running(context, name, scenario, options, site));
  };
  return its as SimTest;
}

async function running<M extends Message>(
  { task, annotate }: TestContext,
  name: string,
  scenario: Scenario<M>,
  options: ExploreOptions,
  site: Error,
): Promise<void> {
  const budget = { ms: (task.timeout ?? 5_000) / 2, runs: exploring(options).runs };
  const exploration = await explore(scenario, { ...options, budget: options.budget ?? budget });
  if (exploration.verdict.kind === 'passed') {
    expect(exploration).toPass();
    await annotate(exploration.toString());
    return;
  }
  const failure = new SimulationFailed(exploration, {
    keep: (diagram) => kept(diagram, name),
    again: (key) => `BEAMISH_REPLAY=${key} npx vitest run ${task.file.name} -t '${quoted(name)}'`,
  });
  const place = site.stack?.split('\n').slice(1) ?? [];
  failure.stack = [`${failure.name}: ${failure.message}`, ...place].join('\n');
  throw failure;
}

function quoted(name: string): string {
  return name.replaceAll("'", "'\\''");
}

const FOLDER = 'node_modules/.cache/beamish';

interface Host {
  readonly getBuiltinModule?: (name: string) => {
    mkdirSync(path: string, options: { readonly recursive: boolean }): void;
    writeFileSync(path: string, text: string): void;
  };
}

/** Where the diagram is; undefined where there is no disk. */
function kept(diagram: string, name: string): string | undefined {
  const { process } = globalThis as { readonly process?: Host };
  const path = `${FOLDER}/${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.mmd`;
  try {
    const fs = process?.getBuiltinModule?.('node:fs');
    fs?.mkdirSync(FOLDER, { recursive: true });
    fs?.writeFileSync(path, `${diagram}\n`);
    return fs && path;
  } catch {
    // A folder that may not be written to: the test has failed for another reason, which is told.
    return undefined;
  }
}

expect.extend({
  toPass(found: Exploration) {
    return {
      pass: found.verdict.kind === 'passed',
      message: () =>
        found.verdict.kind === 'passed'
          ? `It passes: ${found.toString()}`
          : new SimulationFailed(found).message,
    };
  },
  toBeComplete(found: Exploration) {
    return { pass: found.complete, message: () => `It is ${found.toString()}` };
  },
  toFailWith(found: Exploration | Run, kind: Verdict['kind'] | 'vacuous') {
    const its = found.verdict.kind;
    return {
      pass: its === kind,
      message: () => `It is ${its}, expected ${kind}: ${String(found)}`,
    };
  },
});
