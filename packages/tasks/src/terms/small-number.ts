/**
 * A small whole number, alone or as the only one of a list, as JSON: what tasks are given, and result in, so often that
 * the host's own functions, which take three times as long, are spared.
 */

/** Of more digits the text of a list would be kept in pieces. */
const SMALLEST_LARGE = 10 ** 10;
/** A bracket on each side. */
const LONGEST = 12;
const [ZERO, OPEN, CLOSE] = [48, 91, 93];

/** Whether its digits are all there is to it. */
export function isSmall(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < SMALLEST_LARGE;
}

/** What JSON reads in it; undefined of what is something else, or nothing. */
export function readSmall(text: string): number | [number] | undefined {
  const { length } = text;
  if (length > LONGEST) return undefined;
  if (text.charCodeAt(0) !== OPEN) return digitsIn(text, 0, length);
  if (text.charCodeAt(length - 1) !== CLOSE) return undefined;
  const only = digitsIn(text, 1, length - 1);
  return only === undefined ? undefined : [only];
}

function digitsIn(text: string, from: number, to: number): number | undefined {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
    // None begins with a zero.
    if (value === 0) return undefined;
  }
  return from < to ? value : undefined;
}
