/** Served tasks that run in threads. */

import { threadId } from 'node:worker_threads';
import { defineTask, type TaskSelf } from '@beamish/tasks';
import type { Actor } from 'beamish';
import { double } from './ours.ts';

const thread = import.meta;

/** The thread it runs in, after so many ms that it computes. */
export const compute = defineTask('js.compute', { thread }, (_self, ms: number): number => {
  const until = performance.now() + ms;
  while (performance.now() < until);
  return threadId;
});

export const endless = defineTask(
  'js.endless',
  { thread, limits: { hardMs: 300 } },
  (_self, isEndless: boolean): number => {
    while (isEndless);
    return threadId;
  },
);

/** Brings its thread down. */
export const deadly = defineTask('js.deadly', { thread }, (): number => process.exit(3));

/** What it keeps over a failure, how it submits and what it shows. */
export const keeps = defineTask(
  'js.keeps',
  { thread, retry: { max: 1, backoff: () => 10 } },
  function* (self: TaskSelf): Actor<readonly unknown[]> {
    const { task } = self;
    const first = yield* task.once('step', () => task.attempt);
    const { saved } = task;
    yield* task.checkpoint(`attempt ${task.attempt}`);
    task.progress({ attempt: task.attempt });
    yield* self.sleep(150);
    if (task.attempt === 1) throw new Error('not yet');
    const submitted = yield* task.submit(double.s(21));
    return [task.attempt, first, saved, typeof submitted];
  },
);
