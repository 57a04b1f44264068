/** The checks of what a supervisor is made of. They throw at who wrote it, before anything starts. */

import {
  checkOptions,
  checkValue,
  FUNCTION,
  type Kind,
  type Kinds,
  LIST,
  oneOf,
  wholeFrom,
} from '../terms/options.ts';
import { type ChildSpec, type FullSpec, fullSpec } from './child-spec.ts';

export type AutoShutdown = 'never' | 'any_significant' | 'all_significant';

/**
 * Checks that children can be those of one supervisor, without starting anything: that each was made
 * by `child`, that no two have the same id, and that significant ones have an `autoShutdown`.
 *
 * ```ts
 * checkChildSpecs([child('a', worker), child('a', worker)]); // throws: two children of the id "a"
 * ```
 *
 * @throws TypeError that says which child cannot be, and why.
 */
export function checkChildSpecs(
  children: readonly ChildSpec[],
  autoShutdown: AutoShutdown = 'never',
): void {
  checkValue(ATTEMPT, 'children', children, LIST);
  checkValue(ATTEMPT, 'autoShutdown', autoShutdown, STATIC['autoShutdown'] as Kind);
  const ids = new Set<string>();
  for (const spec of children.map(fullSpec)) {
    if (ids.has(spec.id))
      throw new TypeError(`Cannot supervise two children of the id "${spec.id}"`);
    ids.add(spec.id);
    if (!maySupervise(spec, autoShutdown)) {
      throw new TypeError(
        `Cannot supervise the significant child "${spec.id}" with autoShutdown 'never'`,
      );
    }
  }
}

/** A significant child means nothing to a supervisor that never shuts itself down. */
export function maySupervise({ significant }: FullSpec, autoShutdown: AutoShutdown): boolean {
  return !significant || autoShutdown !== 'never';
}

const ATTEMPT = 'Cannot supervise';

const LIMITS: Kinds = {
  intensity: wholeFrom(0, 'restarts'),
  periodMs: wholeFrom(1, 'milliseconds'),
};
const STATIC: Kinds = {
  ...LIMITS,
  strategy: oneOf('one_for_one', 'one_for_all', 'rest_for_one'),
  autoShutdown: oneOf('never', 'any_significant', 'all_significant'),
  children: LIST,
};
const DYNAMIC: Kinds = {
  ...LIMITS,
  maxChildren: {
    is: (value) => value === Number.POSITIVE_INFINITY || wholeFrom(0, '').is(value),
    what: 'a whole number from 0 up',
    isRange: true,
  },
  extraArgs: LIST,
  template: FUNCTION,
};

export function checkStatic(options: unknown): void {
  checkOptions(ATTEMPT, options, STATIC);
  checkValue(ATTEMPT, 'children', (options as { readonly children?: unknown }).children, LIST);
}

/** It has no strategy, no `autoShutdown` and no children that are known in advance. */
export function checkDynamic(options: unknown): void {
  checkOptions(ATTEMPT, options, DYNAMIC);
}
