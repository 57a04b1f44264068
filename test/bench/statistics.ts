/** What several rounds come to. */

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError when there is nothing to sum up. */
export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [upper, lower] = [sorted[middle], sorted[(sorted.length - 1) >> 1]];
  if (upper === undefined || lower === undefined)
    throw new RangeError('Cannot sum up no values: measure at least once');
  return {
    median: (lower + upper) / 2,
    min: sorted[0] as number,
    max: sorted[sorted.length - 1] as number,
  };
}

/** Round by round, since what disturbs the machine in one round disturbs both. */
export function ratios(of: readonly number[], to: readonly number[]): number[] {
  return of.map((value, round) => value / (to[round] as number));
}

/** The slope of a straight line through the logarithms: b where y grows as x to the b. */
export function exponent(xs: readonly number[], ys: readonly number[]): number {
  const [logX, logY] = [xs.map(Math.log), ys.map(Math.log)];
  const [meanX, meanY] = [mean(logX), mean(logY)];
  let above = 0;
  let below = 0;
  for (const [i, x] of logX.entries()) {
    above += (x - meanX) * ((logY[i] as number) - meanY);
    below += (x - meanX) ** 2;
  }
  return above / below;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
