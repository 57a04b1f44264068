/**
 * Options as their caller wrote them. What is no option, and what is no value of one, is refused where it
 * is written, by its name: taken for something else, it would be found out long after, or never.
 */

import { show } from './printable.ts';

/** Which values an option takes. */
export interface Kind {
  readonly is: (value: unknown) => boolean;
  /** What it is, in words: "a function". */
  readonly what: string;
  /** A value of the right type that is out of bounds is a RangeError. */
  readonly isRange?: true;
}
export type Kinds = { readonly [option: string]: Kind };
/** Of each option that `T` has. */
export type KindsOf<T> = { readonly [K in keyof T]-?: Kind };

/** Longest time, as in Erlang: 2³² − 1 ms. */
export const LONGEST_TIME = 2 ** 32 - 1;

export function isTime(ms: unknown): ms is number {
  return Number.isInteger(ms) && (ms as number) >= 0 && (ms as number) <= LONGEST_TIME;
}

const MILLISECONDS = 'a whole number of milliseconds from 0 to 2³² − 1';
export const TIME: Kind = { is: isTime, what: MILLISECONDS, isRange: true };
export const DEADLINE: Kind = {
  is: (value) => value === 'infinity' || isTime(value),
  what: `${MILLISECONDS}, or 'infinity'`,
  isRange: true,
};
export const FLAG: Kind = { is: (value) => typeof value === 'boolean', what: 'true or false' };
export const FUNCTION: Kind = { is: (value) => typeof value === 'function', what: 'a function' };
export const ANYTHING: Kind = { is: () => true, what: 'anything' };
export const LIST: Kind = { is: Array.isArray, what: 'a list' };
export const WORD: Kind = {
  is: (value) => typeof value === 'string' && value !== '',
  what: 'a string that is not empty',
};

// Bundlers may leave out what is made by these and used by nobody.
/* @__NO_SIDE_EFFECTS__ */
export function oneOf(...values: readonly string[]): Kind {
  const quoted = values.map((value) => `'${value}'`);
  const what = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
  return { is: (value) => values.includes(value as string), what, isRange: true };
}

/* @__NO_SIDE_EFFECTS__ */
export function wholeFrom(least: number, of: string): Kind {
  return {
    is: (value) => Number.isSafeInteger(value) && (value as number) >= least,
    what: `a whole number of ${of} from ${least} up`,
    isRange: true,
  };
}

/** Plain functions by name. */
export const FUNCTIONS: Kind = {
  is: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((each) => typeof each === 'function'),
  what: 'an object of functions',
};

/** An object with these methods, and whatever else it has. */
/* @__NO_SIDE_EFFECTS__ */
export function having(...methods: readonly string[]): Kind {
  return {
    is: (value) =>
      typeof value === 'object' &&
      value !== null &&
      hasMethods(value as Record<string, unknown>, methods),
    what: `an object with ${methods.join(', ')}`,
  };
}

function hasMethods(value: Readonly<Record<string, unknown>>, methods: readonly string[]): boolean {
  for (const method of methods) if (typeof value[method] !== 'function') return false;
  return true;
}

/** What was attempted begins the message. @throws TypeError or RangeError. */
export function checkOptions(
  attempt: string,
  options: unknown,
  kinds: Kinds,
  called = 'option',
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new TypeError(`${attempt}: its ${called}s are an object, not ${show(options)}`);
  for (const option of Object.keys(options)) {
    const kind = Object.hasOwn(kinds, option) ? kinds[option] : undefined;
    if (kind === undefined) throw new TypeError(`${attempt}: ${noSuch(called, option, kinds)}`);
    const value = (options as Record<string, unknown>)[option];
    // One that is undefined is not given.
    if (value !== undefined) checkValue(attempt, option, value, kind);
  }
}

/** @throws TypeError or RangeError. */
export function checkValue(attempt: string, option: string, value: unknown, kind: Kind): void {
  if (kind.is(value)) return;
  const message = `${attempt}: ${option} is ${kind.what}, not ${show(value)}`;
  throw kind.isRange === true ? new RangeError(message) : new TypeError(message);
}

function noSuch(called: string, option: string, kinds: Kinds): string {
  const known = Object.keys(kinds);
  const [meant] = known
    .filter((each) => distance(each, option) <= MOST_MISTAKES)
    .sort((a, b) => distance(a, option) - distance(b, option));
  const others = meant === undefined ? `there is ${known.join(', ')}` : `did you mean "${meant}"?`;
  return `there is no ${called} "${option}"; ${others}`;
}

/** Letters in which two words for the same may differ. */
const MOST_MISTAKES = 2;

/** How many letters are wrong, missing or too many (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const change = (row[j - 1] as number) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[other.length] as number;
}
