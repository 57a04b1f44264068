/** Makes a failing schedule smaller: fewer faults, then fewer switches, then fewer steps. */

import type { Verdict } from './verdict.ts';

/** A run of a list of numbers, as it is judged. */
export interface Tried {
  readonly verdict: Verdict;
  readonly numbers: readonly number[];
  readonly steps: number;
  readonly switches: number;
  readonly faults: number;
}

/** Makes runs for it. */
export interface Trying {
  run(numbers: readonly number[]): Promise<Tried>;
  /** At most so many of those near the calmest one, which are the same wherever one comes from. */
  nearCalm(runs: number): Promise<readonly Tried[]>;
}

/** Runs near the calmest one. */
const NEAR = 100;

/** Returns the smallest that still fails alike, with at most so many runs. */
export async function shrink(
  found: Tried,
  runs: number,
  trying: Trying,
): Promise<{ readonly least: Tried; readonly runs: number }> {
  let least = found;
  let left = runs;
  const seen = new Set<string>();
  const accepts = async (numbers: readonly number[]): Promise<boolean> => {
    const trimmed = withoutCalm(numbers);
    const key = trimmed.join(' ');
    if (left <= 0 || seen.has(key)) return false;
    seen.add(key);
    left--;
    const tried = await trying.run(trimmed);
    if (!isAlike(tried.verdict, found.verdict) || !isLess(tried, least)) return false;
    least = tried;
    return true;
  };
  const near = await trying.nearCalm(Math.min(NEAR, left));
  left -= near.length;
  for (const tried of near)
    if (isAlike(tried.verdict, found.verdict) && isLess(tried, least)) least = tried;
  for (let isBetter = true; isBetter && left > 0; ) {
    isBetter = false;
    for (const pass of PASSES)
      for (let at = 0; left > 0; ) {
        const numbers = withoutCalm(least.numbers);
        const candidate = pass(numbers, at);
        if (candidate === undefined) break;
        if (await accepts(candidate)) isBetter = true;
        else at++;
      }
  }
  return { least, runs: runs - left };
}

/** The n-th candidate; undefined if there are no more. */
type Pass = (numbers: readonly number[], n: number) => readonly number[] | undefined;

const PASSES: readonly Pass[] = [
  // The calmest from some place on, the earliest first.
  (numbers, n) => (n < numbers.length ? numbers.slice(0, n) : undefined),
  // One departure less.
  (numbers, n) => changed(numbers, n, () => 0),
  (numbers, n) => changed(numbers, n, (number) => Math.floor(number / 2)),
  (numbers, n) => changed(numbers, n, (number) => number - 1),
  // One place less, or two: what comes behind moves up.
  (numbers, n) => (n < numbers.length ? numbers.toSpliced(n, 1) : undefined),
  (numbers, n) => (n + 1 < numbers.length ? numbers.toSpliced(n, 2) : undefined),
  // One step earlier, or later.
  (numbers, n) => (n + 1 < numbers.length ? swapped(numbers, n) : undefined),
  (numbers, n) => (n < numbers.length ? numbers.toSpliced(n, 0, 0) : undefined),
];

/** The n-th number that is not 0, made smaller. */
function changed(
  numbers: readonly number[],
  n: number,
  smaller: (number: number) => number,
): readonly number[] | undefined {
  let count = 0;
  for (const [at, number] of numbers.entries()) {
    if (number === 0 || count++ < n) continue;
    return numbers.with(at, smaller(number));
  }
  return undefined;
}

function swapped(numbers: readonly number[], n: number): readonly number[] {
  return numbers.with(n, numbers[n + 1] as number).with(n + 1, numbers[n] as number);
}

/** Zeros at the end say nothing. */
function withoutCalm(numbers: readonly number[]): readonly number[] {
  let length = numbers.length;
  while (length > 0 && numbers[length - 1] === 0) length--;
  return numbers.slice(0, length);
}

function isLess(a: Tried, b: Tried): boolean {
  const pairs: readonly (readonly [number, number])[] = [
    [a.faults, b.faults],
    [a.switches, b.switches],
    [a.steps, b.steps],
    [sum(a.numbers), sum(b.numbers)],
  ];
  for (const [x, y] of pairs) if (x !== y) return x < y;
  return isBefore(a.numbers, b.numbers);
}

function sum(numbers: readonly number[]): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

/** Departures that come later are calmer. */
function isBefore(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length && i < b.length; i++)
    if (a[i] !== b[i]) return (a[i] as number) < (b[i] as number);
  return a.length < b.length;
}

/** Kind of verdict, claim, and who waits or crashed are the same. */
export function isAlike(one: Verdict, other: Verdict): boolean {
  return one.kind === other.kind && placeOf(one) === placeOf(other);
}

/** What tells failures of one kind apart. */
export function placeOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'claim':
      return verdict.claim;
    case 'crash':
      return verdict.who;
    case 'failed':
      return errorPlace(verdict.error);
    case 'deadlock':
      return verdict.waiting.map(({ who }) => who).join(', ');
    case 'leftovers':
      return [...verdict.actors, ...verdict.messages.map(({ to, tag }) => `${to} ${tag}`)].join(
        ', ',
      );
    case 'foreign_await':
      return verdict.who;
    default:
      return '';
  }
}

function errorPlace(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error;
}
