/** As much of vitest as the contract of transports needs, in a page: the tests are registered, and run one after the other. */

import * as chai from 'chai-of-vitest';
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from 'expect-of-vitest';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

type Step = () => unknown;
type Run = (...args: unknown[]) => unknown;

const path: string[] = [];
const befores: Step[] = [];
const afters: Step[] = [];
const tests: { readonly name: string; readonly run: Step }[] = [];

export const expect = Object.assign((value: unknown) => chai.expect(value), {
  ...(chai.expect as unknown as Record<string, unknown>),
  unreachable(message = 'It was to be unreachable'): never {
    throw new Error(message);
  },
});

export function describe(title: string, body: Step): void {
  path.push(title);
  body();
  path.pop();
}

export function beforeEach(step: Step): void {
  befores.push(step);
}

export function afterEach(step: Step): void {
  afters.push(step);
}

export const test = Object.assign(
  (name: string, run: Step): void => {
    tests.push({ name: [...path, name].join(' > '), run });
  },
  {
    each:
      (cases: readonly unknown[]) =>
      (name: string, run: Run): void => {
        for (const each of cases) {
          const args = Array.isArray(each) ? each : [each];
          test(`${name} ${JSON.stringify(args[0]) ?? ''}`, () => run(...args));
        }
      },
  },
);

export interface Outcome {
  readonly name: string;
  readonly error?: string;
}

const LONGEST_MS = 10_000;

/** Runs all that has been registered. */
export async function runAll(): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { name, run } of tests) {
    try {
      await inTime(async () => {
        for (const step of befores) await step();
        try {
          await run();
        } finally {
          for (const step of afters) await step();
        }
      });
      outcomes.push({ name });
    } catch (error) {
      outcomes.push({ name, error: String((error as Error).stack ?? error) });
    }
  }
  return outcomes;
}

function inTime(run: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`It took longer than ${LONGEST_MS} ms`)),
      LONGEST_MS,
    );
    run()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
