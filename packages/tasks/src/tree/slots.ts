/** The moments of a schedule, as a table: pure functions of the calendar's clock. croner counts those of cron patterns. */

import { Cron } from 'croner';

/** When a schedule has its slots. */
export type Rhythm =
  | {
      /** Five or six fields (seconds first). */
      readonly cron: string;
      /** IANA name. Default UTC, never the machine's. */
      readonly tz?: string;
      readonly everyMs?: never;
      readonly offsetMs?: never;
    }
  | {
      /** Slots are multiples of it since the epoch, plus `offsetMs`: the same in every process and after every restart. */
      readonly everyMs: number;
      readonly offsetMs?: number;
      readonly cron?: never;
      readonly tz?: never;
    };

/** The first slot after `ms`; undefined if there is none. */
export function slotAfter(rhythm: Rhythm, ms: number): number | undefined {
  if (rhythm.everyMs !== undefined) {
    const { everyMs, offsetMs = 0 } = rhythm;
    return Math.floor((ms - offsetMs) / everyMs) * everyMs + offsetMs + everyMs;
  }
  return cronOf(rhythm).nextRun(new Date(ms))?.getTime();
}

/** The last `limit` slots from `from` until `until`, both included, in order; and whether there are more before them. */
export function slotsWithin(
  rhythm: Rhythm,
  from: number,
  until: number,
  limit: number,
): { readonly slots: readonly number[]; readonly isAll: boolean } {
  const slots: number[] = [];
  for (let slot: number | undefined = slotAfter(rhythm, from - 1); slot !== undefined; ) {
    if (slot > until) return { slots, isAll: true };
    // Of many, those at the end are wanted.
    if (slots.length === limit) return { slots: latest(rhythm, until, limit), isAll: false };
    slots.push(slot);
    slot = slotAfter(rhythm, slot);
  }
  return { slots, isAll: true };
}

/** The last so many that are not after `ms`, in order. */
function latest(rhythm: Rhythm, ms: number, count: number): number[] {
  if (rhythm.everyMs !== undefined) {
    const { everyMs, offsetMs = 0 } = rhythm;
    const last = Math.floor((ms - offsetMs) / everyMs) * everyMs + offsetMs;
    return Array.from({ length: count }, (_, i) => last - (count - 1 - i) * everyMs);
  }
  const second = Math.floor(ms / 1000) * 1000;
  const before = cronOf(rhythm)
    .previousRuns(count, new Date(second))
    .map((date) => date.getTime())
    .reverse();
  return slotAfter(rhythm, second - 1) === second ? [...before, second] : before;
}

/** Patterns that have been read; there are as many as schedules. */
const read = new Map<string, Cron>();

function cronOf({ cron, tz = 'UTC' }: { readonly cron: string; readonly tz?: string }): Cron {
  const key = `${tz} ${cron}`;
  const known = read.get(key);
  if (known !== undefined) return known;
  // It is only asked; its own timers are never started.
  const made = new Cron(cron, { timezone: tz, paused: true });
  read.set(key, made);
  return made;
}

const LONGEST_MS = 366 * 86_400_000;

/** @throws TypeError or RangeError for what has no slots, and says which field is wrong. */
export function checkRhythm(name: string, rhythm: Rhythm): void {
  const action = `Cannot schedule "${name}"`;
  const { cron, everyMs, offsetMs, tz } = rhythm as {
    readonly cron?: unknown;
    readonly everyMs?: unknown;
    readonly offsetMs?: unknown;
    readonly tz?: unknown;
  };
  if ((cron === undefined) === (everyMs === undefined))
    throw new TypeError(`${action}: it has either cron or everyMs`);
  if (cron === undefined) {
    if (
      !(
        Number.isSafeInteger(everyMs) &&
        (everyMs as number) > 0 &&
        (everyMs as number) <= LONGEST_MS
      )
    )
      throw new RangeError(
        `${action}: everyMs is a whole number of milliseconds from 1 up to a year, not ${String(everyMs)}`,
      );
    if (offsetMs !== undefined && !Number.isSafeInteger(offsetMs))
      throw new RangeError(
        `${action}: offsetMs is a whole number of milliseconds, not ${String(offsetMs)}`,
      );
    return;
  }
  if (typeof cron !== 'string' || (tz !== undefined && typeof tz !== 'string'))
    throw new TypeError(`${action}: cron and tz are strings`);
  const fields = cron.trim().split(/\s+/).length;
  if (!cron.trim().startsWith('@') && fields !== 5 && fields !== 6)
    throw new TypeError(
      `${action}: "${cron}" has ${cron.trim() === '' ? 0 : fields} fields, and five or six (seconds first) are wanted`,
    );
  let first: number | undefined;
  try {
    first = slotAfter({ cron, ...(tz !== undefined && { tz }) }, 0);
  } catch (error) {
    // croner names the field, or the zone.
    throw new TypeError(
      `${action} by "${cron}" in ${String(tz ?? 'UTC')}: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  if (first === undefined) throw new RangeError(`${action}: "${cron}" has no slot, in any year`);
}
