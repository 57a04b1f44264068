/** Which slots of a schedule are run at a look, and which are left out: a pure decision. */

import { type Rhythm, slotAfter, slotsWithin } from './slots.ts';

export interface Due {
  readonly rhythm: Rhythm;
  readonly catchUp: 'latest' | 'all' | 'none';
  readonly overlap: 'skip' | 'allow' | 'replace';
  /** The first slot that has not been looked at. */
  readonly next: number;
  /** Whether the task of the last slot has not ended. */
  readonly isLastOpen: boolean;
  /** Since when somebody looks without a pause. */
  readonly since: number;
  /** By the calendar. */
  readonly now: number;
}

export interface Firing {
  readonly run: readonly number[];
  readonly skipped: readonly { readonly slot: number; readonly why: 'overlap' | 'missed' }[];
  /** The earlier one is to be revoked. */
  readonly replaces: boolean;
  /** The first slot after all these. */
  readonly next: number | undefined;
}

/** Slots that are caught up with, and told of, at most. */
const MOST = 1000;
/** One that is later than this was missed, as by a machine that slept. */
const LATE_MS = 60_000;
/** A slot that is farther off than the next one of the calendar by this is of a clock that was wrong. */
const WRONG_MS = 86_400_000;

export function firingOf(due: Due): Firing {
  const { rhythm, catchUp, overlap, next, isLastOpen, since, now } = due;
  const after = slotAfter(rhythm, now);
  if (next > now) {
    // Set back, the clock is waited for, as far as that is to be expected.
    const isWrong = after !== undefined && next - after > WRONG_MS;
    return { run: [], skipped: [], replaces: false, next: isWrong ? after : next };
  }
  const { slots } = slotsWithin(rhythm, next, now, MOST);
  const isMissed = (slot: number): boolean => slot <= since || now - slot > LATE_MS;
  let wanted: readonly number[];
  if (catchUp === 'all') wanted = slots;
  else if (catchUp === 'latest') wanted = slots.slice(-1);
  else wanted = slots.filter((slot) => !isMissed(slot)).slice(-1);
  const isOverlap = wanted.length > 0 && isLastOpen && overlap === 'skip';
  const run = isOverlap ? [] : wanted;
  return {
    run,
    skipped: slots
      .filter((slot) => !run.includes(slot))
      .map((slot) => ({ slot, why: wanted.includes(slot) ? 'overlap' : 'missed' })),
    replaces: run.length > 0 && isLastOpen && overlap === 'replace',
    next: after,
  };
}
