/** The checks of what a supervisor is made of. They throw at who wrote it, before anything starts. */

import { show } from '../terms/printable.ts';
import { type ChildSpec, type FullSpec, fullSpec } from './child-spec.ts';
import type { Strategy } from './restart-strategy.ts';

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
  checkAutoShutdown(autoShutdown);
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

export function checkStrategy(strategy: Strategy): void {
  if (['one_for_one', 'one_for_all', 'rest_for_one'].includes(strategy)) return;
  throw new TypeError(
    `Cannot supervise with the strategy ${show(strategy)}: it is 'one_for_one', 'one_for_all' or 'rest_for_one'`,
  );
}

export function checkIntensity(intensity: number, periodMs: number): void {
  if (!Number.isInteger(intensity) || intensity < 0) {
    throw new RangeError(
      `Cannot supervise with intensity ${show(intensity)}: it is a whole number of restarts from 0 up`,
    );
  }
  if (!Number.isInteger(periodMs) || periodMs <= 0) {
    throw new RangeError(
      `Cannot supervise with periodMs ${show(periodMs)}: it is a whole number of milliseconds above 0`,
    );
  }
}

/** `others` are options that a dynamic supervisor does not have, as a strategy or an `autoShutdown`. */
export function checkDynamic(
  {
    maxChildren,
    intensity,
    periodMs,
    extraArgs,
    template,
  }: {
    readonly maxChildren: number;
    readonly intensity: number;
    readonly periodMs: number;
    readonly extraArgs: readonly unknown[];
    readonly template: unknown;
  },
  others: readonly string[],
): void {
  checkIntensity(intensity, periodMs);
  if (
    maxChildren !== Number.POSITIVE_INFINITY &&
    !(Number.isInteger(maxChildren) && maxChildren >= 0)
  ) {
    throw new RangeError(
      `Cannot supervise ${show(maxChildren)} children: maxChildren is a whole number from 0 up`,
    );
  }
  if (!Array.isArray(extraArgs))
    throw new TypeError(`Cannot supervise with extraArgs ${show(extraArgs)}: they are a list`);
  if (template !== undefined && typeof template !== 'function') {
    throw new TypeError(
      `Cannot supervise with the template ${show(template)}: it is a function that makes a child`,
    );
  }
  if (others.length > 0) {
    throw new TypeError(
      `Cannot supervise with the option ${others.join(', ')}: a dynamic supervisor has no such option`,
    );
  }
}

function checkAutoShutdown(autoShutdown: AutoShutdown): void {
  if (['never', 'any_significant', 'all_significant'].includes(autoShutdown)) return;
  throw new TypeError(
    `Cannot supervise with autoShutdown ${show(autoShutdown)}: it is 'never', 'any_significant' or 'all_significant'`,
  );
}
