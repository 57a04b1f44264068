/** Messages a second, on the average of 5 s, 30 s and 5 min, from figures that come at any time. */

const WINDOWS_MS = [5_000, 30_000, 300_000] as const;

export interface Rates {
  five: number;
  thirty: number;
  minutes: number;
  /** The count at `at`. */
  count: number;
  at: number;
}

export function newRates(count: number, at: number): Rates {
  return { five: 0, thirty: 0, minutes: 0, count, at };
}

/** The count is so much now. */
export function tellRate(rates: Rates, count: number, at: number): void {
  const ms = at - rates.at;
  if (ms <= 0) return;
  const rate = ((count - rates.count) * 1000) / ms;
  rates.five = approach(rates.five, rate, ms, WINDOWS_MS[0]);
  rates.thirty = approach(rates.thirty, rate, ms, WINDOWS_MS[1]);
  rates.minutes = approach(rates.minutes, rate, ms, WINDOWS_MS[2]);
  rates.count = count;
  rates.at = at;
}

/** Of one that was not told of since: it has taken nothing. */
export function perSecond(rates: Rates, now: number): readonly [number, number, number] {
  const ms = Math.max(0, now - rates.at);
  return [
    rounded(approach(rates.five, 0, ms, WINDOWS_MS[0])),
    rounded(approach(rates.thirty, 0, ms, WINDOWS_MS[1])),
    rounded(approach(rates.minutes, 0, ms, WINDOWS_MS[2])),
  ];
}

function approach(was: number, is: number, ms: number, window: number): number {
  return is + (was - is) * Math.exp(-ms / window);
}

/** To a tenth, so that what fades away ends. */
function rounded(rate: number): number {
  return Math.round(rate * 10) / 10;
}
