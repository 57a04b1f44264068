/** All that can happen to a task, and what may come of it. */

import type { TaskRecord } from './record.ts';

/** All that can happen to a task; nothing else changes a record. */
export type TaskEvent =
  /** `task` is as `draftOf` makes it. */
  | { readonly kind: 'submit'; readonly task: TaskRecord; readonly now: number }
  | { readonly kind: 'due'; readonly now: number }
  | {
      readonly kind: 'claim';
      readonly worker: string;
      readonly leaseUntil: number;
      readonly now: number;
    }
  | {
      readonly kind: 'succeed';
      readonly run: number;
      readonly value: string;
      readonly now: number;
    }
  | {
      readonly kind: 'fail';
      readonly run: number;
      readonly failure: string;
      readonly retryAt: number | undefined;
      readonly now: number;
    }
  | {
      readonly kind: 'become';
      readonly run: number;
      readonly signature: string;
      readonly now: number;
    }
  | {
      readonly kind: 'checkpoint';
      readonly run: number;
      readonly value: string;
      readonly now: number;
    }
  | { readonly kind: 'return'; readonly run: number; readonly now: number }
  | {
      readonly kind: 'lost';
      readonly run: number;
      readonly maxCrashes: number | 'infinity';
      readonly why?: 'runner' | 'lease';
      readonly now: number;
    }
  | {
      readonly kind: 'member';
      readonly index: number;
      readonly outcome: string;
      readonly ok: boolean;
      /** Of all members, by place, if this is the last one of a group. */
      readonly outcomes?: readonly (string | undefined)[];
      readonly now: number;
    }
  | {
      readonly kind: 'revoke';
      readonly reason: string;
      /** `'spare'`: not if it runs. */
      readonly running: 'end' | 'kill' | 'leave' | 'spare';
      /** How long a body that runs may take to end by itself. */
      readonly graceMs?: number;
      readonly now: number;
    }
  | { readonly kind: 'expire'; readonly now: number }
  | {
      readonly kind: 'retry';
      /** Of the members of a join, by place. */
      readonly outcomes?: readonly (string | undefined)[];
      /** It is put back with its join, even if it was revoked with it. */
      readonly withJoin?: boolean;
      /** Whether it is a member of a join that has not ended. */
      readonly joinIsOpen?: boolean;
      readonly now: number;
    }
  | {
      readonly kind: 'forget';
      /** Whether it is a member of a join that has not ended, or may be put back. */
      readonly joinIsOpen?: boolean;
    };

/** What is to be done once the change is kept; everything that must not be lost is in the change itself. */
export type Effect =
  | { readonly kind: 'offer'; readonly queue: string }
  | { readonly kind: 'wake_at'; readonly at: number }
  | {
      readonly kind: 'end_body';
      readonly id: string;
      readonly worker: string;
      readonly run: number;
      readonly how: 'end' | 'kill' | 'leave';
      readonly graceMs: number | undefined;
    }
  | {
      readonly kind: 'tell';
      readonly event: 'submitted' | 'started' | 'succeeded' | 'retrying' | 'failed' | 'lost';
      readonly of: TaskRecord;
      /** Of a failure that is followed by another attempt, encoded. */
      readonly failure?: string;
      readonly why?: 'runner' | 'lease';
    }
  /** Who waits for it is told. */
  | { readonly kind: 'answer'; readonly id: string };

export interface Applied {
  /** As it is to be; undefined if it is to be gone. */
  readonly record: TaskRecord | undefined;
  readonly insert: readonly TaskRecord[];
  /** What happens to others in the same change. One that is refused changes nothing. */
  readonly also: readonly { readonly id: string; readonly event: TaskEvent }[];
  readonly effects: readonly Effect[];
}
export interface Refused {
  readonly refused: 'stale' | 'final' | 'wrong_state';
}
/** What an event comes to: a change of records with its effects, or a refusal, which changes nothing. */
export type Transition = Applied | Refused;
