/** What is submitted again and again: as it is written down, and as it is kept. */

import type { Complete } from '../canvas/signature.ts';
import type { SubmitOptions } from '../canvas/submit-options.ts';
import { givenWork } from '../canvas/work.ts';
import { submissionOf } from './asking.ts';
import type { StoredSchedule } from './messages.ts';
import { checkRhythm, type Rhythm } from './slots.ts';

/** What is submitted when, again and again. */
export type Schedule = {
  readonly run: Complete;
  readonly options?: SubmitOptions;
  /** While the task of an earlier slot has not ended: leave this slot out (default), submit it all the same, or revoke the earlier one. */
  readonly overlap?: 'skip' | 'allow' | 'replace';
  /** Slots that passed while nobody looked: only the latest (default), all of them (at most 1,000), or none. */
  readonly catchUp?: 'latest' | 'all' | 'none';
} & Rhythm;

/** @throws TypeError, RangeError or NotStorable for what is no schedule. */
export function storedSchedule(name: string, schedule: Schedule): StoredSchedule {
  const action = `Cannot schedule "${name}"`;
  if (typeof name !== 'string' || name === '' || name.includes('\n'))
    throw new TypeError(`${action}: its name is a line of text that is not empty`);
  if (typeof schedule !== 'object' || schedule === null)
    throw new TypeError(`${action} as ${String(schedule)}: a schedule is an object`);
  const { run, options = {}, overlap = 'skip', catchUp = 'latest' } = schedule;
  const { cron, tz, everyMs, offsetMs } = schedule;
  checkRhythm(name, schedule);
  if (!['skip', 'allow', 'replace'].includes(overlap))
    throw new TypeError(
      `${action}: overlap is 'skip', 'allow' or 'replace', not ${String(overlap)}`,
    );
  if (!['latest', 'all', 'none'].includes(catchUp))
    throw new TypeError(`${action}: catchUp is 'latest', 'all' or 'none', not ${String(catchUp)}`);
  const { id, unique, at, expiresAt } = options;
  if (id !== undefined || unique !== undefined || at !== undefined || expiresAt !== undefined)
    throw new TypeError(
      `${action}: each slot has an id of its own, so id and unique are not for it, nor are the moments at and expiresAt`,
    );
  const rhythm: Rhythm =
    cron === undefined
      ? { everyMs: everyMs as number, ...(offsetMs !== undefined && { offsetMs }) }
      : { cron, ...(tz !== undefined && { tz }) };
  return { submission: submissionOf(run, options), rhythm, overlap, catchUp };
}

/** As it was written down. */
export function givenSchedule({ submission, rhythm, overlap, catchUp }: StoredSchedule): Schedule {
  const { options, ...work } = givenWork(submission.work);
  return {
    run: work as unknown as Complete,
    ...(options !== undefined && { options: options as SubmitOptions }),
    ...rhythm,
    overlap,
    catchUp,
  };
}
