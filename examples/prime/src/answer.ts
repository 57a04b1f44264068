/** What is told of a task: the body of `GET /<id>`. */

import type { TaskSnapshot } from '@beamish/tasks';
import type { Found } from './work.ts';

export type Status = 'PENDING' | 'STARTED' | 'RETRY' | 'SUCCESS' | 'FAILURE' | 'REVOKED';

export interface Answer {
  readonly task_id: string;
  readonly status: Status;
  readonly progress?: number;
  readonly result?: Found;
  readonly error?: { readonly type: string; readonly message: string };
}

export function answerOf(task: TaskSnapshot): Answer {
  const { id, state, progress, failure } = task;
  const about = { task_id: id, status: statusOf(task) };
  if (state === 'succeeded') return { ...about, result: task.result as Found };
  if (failure !== undefined) {
    const { error, reason } = failure;
    const type = reason === 'revoked' ? 'TaskRevoked' : error.name;
    return { ...about, error: { type, message: error.message } };
  }
  return typeof progress === 'number' ? { ...about, progress } : about;
}

function statusOf({ state, attempt }: TaskSnapshot): Status {
  switch (state) {
    case 'scheduled':
      return attempt > 1 ? 'RETRY' : 'PENDING';
    case 'queued':
      return 'PENDING';
    case 'running':
    case 'joining':
      return 'STARTED';
    case 'succeeded':
      return 'SUCCESS';
    case 'revoked':
      return 'REVOKED';
    case 'failed':
    case 'expired':
    case 'quarantined':
      return 'FAILURE';
  }
}
