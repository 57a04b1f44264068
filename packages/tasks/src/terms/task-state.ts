/** Where a task is. */

declare const RESULT: unique symbol;

/** Inert: a string, which remembers the type of the result. */
export type TaskId<O = unknown> = string & { readonly [RESULT]?: O };

/**
 * Where a task is: `scheduled` for a moment (that of a retry, too), `queued`, `running`, or `joining`: a
 * chain, a group or a task that became another, which waits for the tasks that it is made of. The last
 * five are final. A step of a chain is not there before its turn.
 */
export type TaskState = (typeof STATES)[number];

export const STATES = [
  'scheduled',
  'queued',
  'running',
  'joining',
  'succeeded',
  'failed',
  'revoked',
  'expired',
  'quarantined',
] as const;

/** Those that are final. */
export const FINAL: readonly TaskState[] = STATES.slice(STATES.indexOf('succeeded'));

/** Whether a task in it has ended. Only an operator's `retry`, and `forget`, leave it. */
export function isFinal(state: TaskState): boolean {
  switch (state) {
    case 'scheduled':
    case 'queued':
    case 'running':
    case 'joining':
      return false;
    default:
      return true;
  }
}

/** 9 is first, 0 (the default) last; within one priority, first come, first served. On a broker it is translated. */
export type Priority = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
