/** A task of the application that runs in the deployment: which calls it is, and what its results come to. */

import {
  decode,
  encode,
  listsIn,
  type TaskEvent,
  type TaskFailure,
  type TaskRecord,
} from '@beamish/tasks/engine';
import type { Outgoing } from '../messages/call-message.ts';
import type { Route } from '../messages/canvas.ts';
import type { Answer } from '../messages/result.ts';
import { isDict } from '../messages/signature.ts';
import { named, wireId } from '../terms/identity.ts';

/** How queues of the deployment begin in the application; of tasks with keyword arguments, and of those without. */
export const ELSEWHERE = 'celery:';
export const WITH_KEYWORDS = 'celery+keywords:';

/** Our 9 is first, on every broker; in Redis, 0 is. */
export function wirePriority(priority: number, transport: 'amqp' | 'redis'): number {
  return transport === 'redis' ? 9 - priority : priority;
}

export interface Calls {
  readonly calls: readonly Outgoing[];
  readonly route: Route;
}

/** One call; of a task for several elements, one for each. */
export function callsOf(
  record: TaskRecord,
  replyTo: string | undefined,
  transport: 'amqp' | 'redis',
): Calls {
  const { id, name, args, queue, priority, root, parent, headers, expiresAt } = record;
  const isSeveral = args.startsWith('{"each":');
  const hasKeywords = queue.startsWith(WITH_KEYWORDS);
  const key = queue.slice((hasKeywords ? WITH_KEYWORDS : ELSEWHERE).length);
  const own = wireId(id);
  const calls = listsIn(args).map((list, i): Outgoing => {
    const last = list.at(-1);
    const kwargs = hasKeywords && isDict(last) ? last : {};
    return {
      id: isSeveral ? named(`${id}/${i}`) : own,
      name,
      args: kwargs === last ? list.slice(0, -1) : list,
      kwargs,
      rootId: root === id ? own : wireId(root),
      parentId: parent === undefined ? undefined : wireId(parent),
      replyTo,
      priority: wirePriority(priority, transport),
      expires: expiresAt,
      headers: headers === undefined ? {} : (decode(headers) as Record<string, unknown>),
    };
  });
  return { calls, route: { exchange: '', key } };
}

/** What a task came to, of the answers to all its calls. */
export function endOf(record: TaskRecord, answers: readonly Answer[], now: number): TaskEvent {
  const { run, args } = record;
  const bad = answers.find((each) => each.kind !== 'succeeded');
  if (bad !== undefined) return failed(record, bad, now);
  const values = answers.map((each) => (each.kind === 'succeeded' ? each.value : null));
  const isSeveral = args.startsWith('{"each":');
  try {
    return {
      kind: 'succeed',
      run,
      value: encode(isSeveral ? values : values[0], 'the result'),
      now,
    };
  } catch (error) {
    return failure(
      record,
      'codec',
      { name: 'NotStorable', message: (error as Error).message },
      now,
    );
  }
}

function failed(record: TaskRecord, answer: Answer, now: number): TaskEvent {
  switch (answer.kind) {
    case 'revoked': {
      const reason = answer.error.message === 'expired' ? 'expired' : 'revoked';
      return failure(record, reason, answer.error, now);
    }
    case 'failed':
      return failure(record, 'error', answer.error, now);
    default:
      return failure(record, 'error', { name: 'Error', message: 'It has no result' }, now);
  }
}

export function failure(
  record: TaskRecord,
  reason: TaskFailure['reason'],
  error: TaskFailure['error'],
  now: number,
): TaskEvent {
  const { id, name, attempt, run } = record;
  const its: TaskFailure = { task: id, name, state: 'failed', reason, attempt, error };
  return { kind: 'fail', run, failure: encode(its, 'the failure'), retryAt: undefined, now };
}
