/** How long a supervisor waits before it starts a child again that depends on something outside. */

import { checkOptions, checkValue, type KindsOf, oneOf, TIME } from '../terms/options.ts';

/** Each wait is `factor` times the one before, from `firstMs` up to `maxMs`. */
export interface Backoff {
  /** The first pause, in ms. */
  readonly firstMs: number;
  /** No pause is longer, in ms. */
  readonly maxMs: number;
  /** Default 2. */
  readonly factor?: number;
  /** How much of a wait is chance, so that those who failed together do not come back together: all of it (default), the second half, or nothing. */
  readonly jitter?: 'full' | 'equal' | 'none';
  /** A child that has run so long begins with `firstMs` again. Default `maxMs`. */
  readonly resetAfterMs?: number;
}

const OPTIONS: KindsOf<Backoff> = {
  firstMs: TIME,
  maxMs: TIME,
  factor: {
    is: (value) => typeof value === 'number' && value >= 1,
    what: 'a number from 1 up',
    isRange: true,
  },
  jitter: oneOf('full', 'equal', 'none'),
  resetAfterMs: TIME,
};

/** @throws TypeError or RangeError for what is no back-off. */
export function checkBackoff(backoff: Backoff, child: string): void {
  const attempt = `${child} with its back-off`;
  checkOptions(attempt, backoff, OPTIONS);
  const { firstMs, maxMs } = backoff;
  checkValue(attempt, 'firstMs', firstMs, TIME);
  checkValue(attempt, 'maxMs', maxMs, TIME);
  if (maxMs < firstMs)
    throw new RangeError(`${attempt}: maxMs, ${maxMs}, is below firstMs, ${firstMs}`);
}

/** The wait before restart number `n`, counted from 0; `random` is a number from 0 up to 1. */
export function waitMs(backoff: Backoff, n: number, random: number): number {
  const { firstMs, maxMs, factor = 2, jitter = 'full' } = backoff;
  const ms = Math.min(maxMs, firstMs * factor ** n);
  switch (jitter) {
    case 'full':
      return Math.round(ms * random);
    case 'equal':
      return Math.round(ms / 2 + (ms / 2) * random);
    case 'none':
      return Math.round(ms);
  }
}

/** How often each child has been waited for. */
export class Patience<C extends object> {
  readonly #children = new WeakMap<C, { waits: number; startedAt: number | undefined }>();

  /** It runs from now on. */
  started(child: C, now: number): void {
    const { waits } = this.#children.get(child) ?? { waits: 0 };
    this.#children.set(child, { waits, startedAt: now });
  }

  /** How long to wait for one that has ended, or not started. */
  next(child: C, backoff: Backoff, now: number, random: number): number {
    const known = this.#children.get(child);
    const { resetAfterMs = backoff.maxMs } = backoff;
    const ran = known?.startedAt === undefined ? 0 : now - known.startedAt;
    const waits = known === undefined || (ran > 0 && ran >= resetAfterMs) ? 0 : known.waits;
    this.#children.set(child, { waits: waits + 1, startedAt: undefined });
    return waitMs(backoff, waits, random);
  }
}
