/** Schedules as lists of numbers, and as keys to paste. */

import type { Chooser } from './strategy.ts';
import type { World } from './world.ts';

/**
 * `b1.` and then: a digest of the scenario's steps (3 digits), the numbers of a schedule in base 62 with
 * runs of zeros counted, and what of `SimOptions` changes them. Stable: a later version replays it, or says
 * that it cannot. A key whose steps do not fit the scenario any more is an error, never another run.
 */
export type ReplayKey = `b1.${string}`;

/**
 * Who is next, as numbers: 0 is whoever ran last, if it can, or else the first by name; 1 and up are the
 * others in order of their names. Numbers too large count from the front again, and after the last comes
 * 0 for ever. So any list is a schedule, `[]` is the calmest, and a shorter or smaller list is a simpler one.
 */
export type Schedule = readonly number[] | { readonly seed: number } | { readonly key: ReplayKey };

/** Follows a list of numbers. */
export class Numbers implements Chooser {
  readonly #numbers: readonly number[];
  #at = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  next(world: World): string | undefined {
    const order = world.inOrder();
    return order[this.pick(order.length)];
  }

  pick(count: number): number {
    const number = Math.trunc(Math.abs(this.#numbers[this.#at++] ?? 0));
    return Number.isFinite(number) ? number % count : 0;
  }
}

/** Follows a key, which fits to the last number. */
export class Exactly implements Chooser {
  readonly #numbers: readonly number[];
  readonly #key: string;
  #at = 0;
  #steps = 0;

  constructor(numbers: readonly number[], key: string) {
    this.#numbers = numbers;
    this.#key = key;
  }

  next(world: World): string | undefined {
    this.#steps++;
    const order = world.inOrder();
    return order[this.pick(order.length)];
  }

  pick(count: number): number {
    const number = this.#numbers[this.#at++];
    if (number === undefined) throw this.misfit('the key ends here, and the scenario goes on');
    if (number >= count)
      throw this.misfit(
        `the key takes the ${ordinal(number + 1)} of those that can step, and ${count} can`,
      );
    return number;
  }

  /** The run is over. @throws Error if the key is not. */
  end(): void {
    const left = this.#numbers.length - this.#at;
    this.#steps++;
    if (left > 0) throw this.misfit(`the scenario ends before it, and the key goes on`);
  }

  /** The steps are others, though the numbers fit. */
  misfit(why: string): Error {
    return new Error(
      `Cannot replay ${this.#key}: the scenario has changed since. At step ${this.#steps}, ${why}`,
    );
  }
}

function ordinal(n: number): string {
  return ['first', 'second', 'third'][n - 1] ?? `${n}th`;
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** What of the options a key has: anything else would lead to other steps. */
export interface KeyOptions {
  readonly speed: 'instant' | 'any';
  /** A digest of the others, empty if they are the defaults. */
  readonly others: string;
}

export interface ParsedKey extends KeyOptions {
  readonly digest: string;
  readonly numbers: readonly number[];
}

export function keyOf(
  lines: readonly string[],
  numbers: readonly number[],
  { speed, others }: KeyOptions,
): ReplayKey {
  const options = `${speed === 'any' ? '.any' : ''}${others === '' ? '' : `.${others}`}`;
  return `b1.${digestOf(lines, 3)}.${packed(numbers)}${options}`;
}

/** @throws TypeError for what is no key. */
export function parseKey(key: string): ParsedKey {
  const [, digest, numbers, any, others] =
    /^b1\.([0-9A-Za-z]{3})\.([0-9A-Za-z]*)(\.any)?(?:\.([0-9A-Za-z]{2}))?$/.exec(key) ?? [];
  if (digest === undefined || numbers === undefined)
    throw new TypeError(
      `Cannot replay "${key}": a key is b1., three digits, and the rest as it was shown`,
    );
  return {
    digest,
    numbers: unpacked(numbers),
    speed: any === undefined ? 'instant' : 'any',
    others: others ?? '',
  };
}

/** So many digits that change if a line does. */
export function digestOf(lines: readonly string[], digits: number): string {
  let hash = 2166136261;
  for (const line of lines)
    for (let i = 0; i <= line.length; i++)
      hash = Math.imul(hash ^ (i < line.length ? line.charCodeAt(i) : 10), 16777619);
  let rest = hash >>> 0;
  let text = '';
  for (let i = 0; i < digits; i++) {
    text += DIGITS[rest % 62];
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** Zeros that follow each other are a 0 and their count; large numbers follow a z. */
function packed(numbers: readonly number[]): string {
  let text = '';
  for (let i = 0; i < numbers.length; ) {
    const number = numbers[i] as number;
    if (number > 0) {
      text +=
        number < 61 ? DIGITS[number] : `z${DIGITS[Math.floor(number / 62)]}${DIGITS[number % 62]}`;
      i++;
      continue;
    }
    let zeros = 0;
    while (numbers[i + zeros] === 0 && zeros < 61) zeros++;
    text += `0${DIGITS[zeros]}`;
    i += zeros;
  }
  return text;
}

function unpacked(text: string): number[] {
  const numbers: number[] = [];
  for (let i = 0; i < text.length; ) {
    const digit = DIGITS.indexOf(text[i] as string);
    if (digit === 0) {
      const zeros = DIGITS.indexOf(text[i + 1] ?? '1');
      for (let k = 0; k < zeros; k++) numbers.push(0);
      i += 2;
    } else if (digit === 61) {
      numbers.push(DIGITS.indexOf(text[i + 1] ?? '0') * 62 + DIGITS.indexOf(text[i + 2] ?? '0'));
      i += 3;
    } else {
      numbers.push(digit);
      i++;
    }
  }
  return numbers;
}
