/** Families of workers, and reasons to end, for the tests of supervisors. */

import {
  type ChildOptions,
  type ChildSpec,
  child,
  type StartFailed,
  type SupervisorOptions,
  shutdown,
  supervisor,
} from 'beamish';
import type { TestSystem } from 'beamish/testing';
import { expect } from 'vitest';
import { answer, type Log, type Traits, worker } from '../support/supervised.ts';

export const FIVE_REASONS = [
  'normal',
  'shutdown',
  shutdown('z'),
  'killed',
  new Error('crash'),
] as const;
export const ORDERLY = FIVE_REASONS.slice(0, 3);
/** Restarts that no test can use up. */
export const MANY = 1000;

/** A family of workers that tell `log` of themselves, by their ids. */
export function workers(log: Log, ...ids: readonly (string | ChildOptions)[]): ChildSpec[] {
  return ids.map((id) => child(id, worker, log, typeof id === 'string' ? id : id.id));
}

export function doing(log: Log, id: string | ChildOptions, traits: Traits): ChildSpec {
  return child(id, worker, log, typeof id === 'string' ? id : id.id, traits);
}

export function idsOf(children: readonly { readonly id: string | undefined }[]): unknown[] {
  return children.map(({ id }) => id);
}

/** Rejects with what a start failed of. */
export async function failedStart(
  system: TestSystem,
  options: SupervisorOptions,
): Promise<unknown> {
  const error: StartFailed = await answer(system, system.start(supervisor(options))).then(
    () => expect.fail('it started'),
    (failure) => failure,
  );
  return error.reason;
}

/** Fails at its `n`th start and at no other. */
export function failing(n: number): Traits & { readonly onStart: () => void } {
  let starts = 0;
  return {
    onStart: () => {
      if (++starts === n) throw new Error(`start ${starts}`);
    },
  };
}
