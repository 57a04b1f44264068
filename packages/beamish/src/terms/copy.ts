/** Copies of this package: what one of them has made means nothing to another. */

const COPY = Symbol.for('beamish.copy');

/** Where this copy is; a bundle may not say. */
const HERE = (import.meta as { readonly url?: string }).url ?? '(a bundle)';

/** Marks what instances of a class are of. */
export function markCopy(prototype: object): void {
  Object.defineProperty(prototype, COPY, { value: HERE });
}

/** What to throw for something that this copy has not made: because another one has, or because it is none at all. */
export function notOfThisCopy(what: string, value: unknown): TypeError {
  const there =
    (typeof value === 'object' && value !== null) || typeof value === 'function'
      ? (value as { readonly [COPY]?: string })[COPY]
      : undefined;
  if (there === undefined) return new TypeError(`Cannot use this as ${what}: it is none`);
  return new TypeError(
    `Cannot use ${what} of another copy of beamish: there are two, which know nothing of each other's actors.\n` +
      `  one: ${HERE}\n  the other: ${there}\n` +
      'Install it once, as a peer dependency of the packages that stand on it; "npm ls beamish" shows who brings another',
  );
}
