/** Chains and groups: what the end of a member does to them, and how one that failed goes on. */

import { failureIn, isSuccess, valueIn } from '../terms/outcome.ts';
import { elementsIn } from './drafts.ts';
import type { Applied, Refused, TaskEvent, Transition } from './events.ts';
import { applied, enqueue, fail, madeMembers, makeMembers, succeed } from './lifecycle.ts';
import { type Members, memberId, type TaskRecord, workOfMembers } from './record.ts';

const FINAL: Refused = { refused: 'final' };
const WRONG_STATE: Refused = { refused: 'wrong_state' };

export function memberEnded(
  record: TaskRecord,
  event: Extract<TaskEvent, { readonly kind: 'member' }>,
): Transition {
  const { index, outcome, ok, outcomes, now } = event;
  const before = record.members as Members;
  const members: Members = {
    ...before,
    pending: before.pending - 1,
    failed: before.failed + (ok ? 0 : 1),
  };
  if (!ok && !members.settle) return joinFailed({ ...record, members }, index, outcome, now);
  const isGroup = members.kind === 'group';
  if (members.pending > 0)
    return makeMembers(record, now, isGroup ? undefined : valueIn(outcome), members);
  const counted: TaskRecord = { ...record, members };
  return succeed(counted, isGroup ? listOf(counted, outcomes ?? []) : valueIn(outcome), now);
}

/** Its failure is that of the member. Those that have not begun never do; those that run are left to end. */
function joinFailed(record: TaskRecord, index: number, outcome: string, now: number): Applied {
  const failed = fail(record, 'failed', failureIn(outcome), now);
  const reason = `Another member of ${record.id} ended without success`;
  const spared = madeMembers(record)
    .filter((_, i) => i !== index)
    .map((id) => ({ id, event: { kind: 'revoke', reason, running: 'spare', now } as const }));
  return { ...failed, also: [...spared, ...failed.also] };
}

/** The results of a group, in order, as one list; of one that settles, the outcomes. */
function listOf(record: TaskRecord, outcomes: readonly (string | undefined)[]): string {
  const { settle } = record.members as Members;
  const work = workOfMembers(record);
  const isFlat = work.kind === 'each' && work.size !== 1;
  const texts: string[] = [];
  outcomes.forEach((outcome = '', i) => {
    if (isFlat && isSuccess(outcome)) {
      const inner = valueIn(outcome).slice(1, -1);
      if (inner !== '') texts.push(inner);
    } else if (settle) {
      // A task of several elements that failed as a whole failed for each.
      for (let n = isFlat ? elementsIn(record, i) : 1; n > 0; n--) texts.push(outcome);
    } else {
      texts.push(valueIn(outcome) || 'null');
    }
  });
  return `[${texts.join(',')}]`;
}

/** By an operator. What runs alone does not count for a join that goes on. */
export function putBack(
  record: TaskRecord,
  event: Extract<TaskEvent, { readonly kind: 'retry' }>,
): Transition {
  const { state } = record;
  const isRetryable = state === 'failed' || state === 'expired' || state === 'quarantined';
  const { now, outcomes = [], withJoin = false, joinIsOpen = false } = event;
  if (!isRetryable && !(state === 'revoked' && withJoin)) return FINAL;
  if (joinIsOpen && !withJoin) return WRONG_STATE;
  const anew: TaskRecord = {
    ...record,
    attempt: 1,
    crashes: 0,
    outcome: undefined,
    endedAt: undefined,
    expiresAt: undefined,
    queuedAt: undefined,
    dueAt: now,
    dueBy: 'clock',
  };
  const { members } = anew;
  if (members === undefined || members.all < 0) return enqueue(anew, now);
  const made = outcomes.slice(0, members.next);
  const done = made.filter((outcome) => outcome !== undefined && isSuccess(outcome)).length;
  const pending = members.all - done;
  const rejoined: TaskRecord = {
    ...anew,
    state: 'joining',
    members: { ...members, pending, failed: 0 },
  };
  const again = made.flatMap((outcome, i) =>
    outcome === undefined || isSuccess(outcome)
      ? []
      : [{ id: memberId(record.id, i), event: { kind: 'retry', withJoin: true, now } as const }],
  );
  if (members.kind !== 'group' && members.next > 0) {
    const last = made[members.next - 1];
    if (last === undefined || !isSuccess(last)) return { ...applied(rejoined), also: again };
    // The step that failed has run alone since then, and succeeded.
    const result = valueIn(last);
    return pending === 0 ? succeed(rejoined, result, now) : makeMembers(rejoined, now, result);
  }
  if (pending === 0) return succeed(rejoined, listOf(rejoined, outcomes), now);
  const begun = makeMembers(rejoined, now, undefined);
  return { ...begun, also: [...again, ...begun.also] };
}
