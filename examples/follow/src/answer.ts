/** What is told of a task. */

import type { TaskSnapshot, TaskState } from '@beamish/tasks';

/** What somebody may put back into its queue. */
export const RETRYABLE: readonly TaskState[] = ['failed', 'expired', 'quarantined'];

export function answerOf(task: TaskSnapshot): string {
  const { id, name, state, queue, attempt, root, members, progress, result, failure } = task;
  return JSON.stringify({
    task_id: id,
    name,
    state,
    queue,
    attempt,
    root,
    ...(members !== undefined && { members }),
    ...(progress !== undefined && { progress }),
    ...(result !== undefined && { result }),
    ...(failure !== undefined && {
      error: { type: failure.error.name, message: failure.error.message },
    }),
    submitted_at: task.submittedAt,
    due_at: task.dueAt,
    ended_at: task.endedAt,
  });
}
