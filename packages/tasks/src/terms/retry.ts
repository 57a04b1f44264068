/** Whether a failed attempt is followed by another, and when. */

/** Whether a failed attempt is followed by another, and when. */
export interface RetryPolicy {
  /** Attempts after the first. */
  readonly max: number;
  /** Default `expo()`. */
  readonly backoff?: Backoff;
  /** Default: everything but what is `'invalid'` and codec errors. */
  readonly when?: (error: unknown, attempt: number) => boolean;
}

/** How long before the attempt that follows `attempt` (1 is the first). `random` is the system's seam of chance. */
export type Backoff = (attempt: number, random: () => number) => number;

/**
 * `min(maxMs, firstMs * factor ** (attempt - 1))`; with jitter `'full'` (default) a random part of it, with
 * `'equal'` half of it and a random part of the other half. Defaults: 1,000, 2, 600,000.
 *
 * ```ts
 * retry: { max: 5, backoff: expo({ firstMs: 200, maxMs: 60_000 }) }
 * ```
 *
 * @throws RangeError for what is no back-off.
 */
export function expo(
  options: {
    readonly firstMs?: number;
    readonly factor?: number;
    readonly maxMs?: number;
    readonly jitter?: 'full' | 'equal' | 'none';
  } = {},
): Backoff {
  const { firstMs = 1000, factor = 2, maxMs = 600_000, jitter = 'full' } = options;
  if (!(firstMs >= 0) || !(factor >= 1) || !(maxMs >= 0)) {
    throw new RangeError(
      `Cannot back off by ${String(firstMs)} ms times ${String(factor)} up to ${String(maxMs)} ms: times are from 0 up, and the factor from 1`,
    );
  }
  if (jitter !== 'full' && jitter !== 'equal' && jitter !== 'none')
    throw new RangeError(
      `Cannot back off with jitter ${String(jitter)}: it is 'full', 'equal' or 'none'`,
    );
  return (attempt, random) => {
    const most = Math.min(maxMs, firstMs * factor ** (attempt - 1));
    if (jitter === 'none') return most;
    return jitter === 'full' ? most * random() : most / 2 + (most / 2) * random();
  };
}

export interface Verdict {
  /** Until the next attempt; undefined if the failure is final. */
  readonly afterMs: number | undefined;
  /** What the policy itself threw, which makes the failure final. */
  readonly policyError?: unknown;
}

/** `asked` is what the body itself wants of the next attempt. */
export function judge(
  policy: RetryPolicy | undefined,
  error: unknown,
  attempt: number,
  random: () => number,
  asked?: { readonly afterMs: number | undefined },
): Verdict {
  if (policy === undefined || attempt > policy.max) return { afterMs: undefined };
  try {
    if (asked === undefined && policy.when?.(error, attempt) === false)
      return { afterMs: undefined };
    const afterMs = asked?.afterMs ?? (policy.backoff ?? expo())(attempt, random);
    if (!(afterMs >= 0)) {
      throw new RangeError(
        `Cannot retry after ${String(afterMs)} ms: a back-off is a number of milliseconds from 0 up`,
      );
    }
    return { afterMs: Math.ceil(afterMs) };
  } catch (policyError) {
    // The policy is the user's, and its failure must not become the worker's.
    return { afterMs: undefined, policyError };
  }
}
