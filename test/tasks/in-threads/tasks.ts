/** Tasks that run in threads, and what they do there to their thread. */

import { threadId } from 'node:worker_threads';
import { defineTask, outcome, submit, type TaskSelf } from '@beamish/tasks';
import { type Actor, name } from 'beamish';

/** The thread it runs in. */
export const where = defineTask('where', { thread: import.meta }, () => threadId);

/** Holds its thread for so long without a step. */
export const compute = defineTask(
  'compute',
  { thread: import.meta },
  (_self, ms: number): number => {
    const until = performance.now() + ms;
    while (performance.now() < until);
    return threadId;
  },
);

export const endless = defineTask(
  'endless',
  { thread: import.meta, limits: { hardMs: 300 } },
  (): never => {
    for (;;);
  },
);

/** Kept where it waits; its clean-up is told as progress. */
export const waits = defineTask(
  'waits',
  { thread: import.meta, limits: { hardMs: 300 } },
  function* (self: TaskSelf): Actor<void> {
    try {
      yield* self.sleep(60_000);
    } finally {
      self.task.progress('finally');
    }
  },
);

/** Waits for a promise that nobody keeps. */
export const stuck = defineTask(
  'stuck',
  { thread: import.meta, limits: { hardMs: 300 } },
  async (): Promise<void> => {
    await new Promise(() => {});
  },
);

/** Its first run brings its thread down. */
export const deadly = defineTask(
  'deadly',
  { thread: import.meta },
  (self: TaskSelf, runs: number): string => {
    if (self.task.run <= runs) process.exit(3);
    return `run ${self.task.run}`;
  },
);

export const failing = defineTask(
  'failing',
  {
    thread: import.meta,
    retry: { max: 1, backoff: () => 1, when: (error) => error instanceof RangeError },
  },
  (self: TaskSelf): never => {
    throw self.task.attempt === 1 ? new RangeError('first') : new TypeError('second');
  },
);

/** All that a body can ask of its application. */
export const asks = defineTask(
  'asks',
  { thread: import.meta },
  function* (self: TaskSelf, n: number): Actor<unknown> {
    self.task.progress({ at: n });
    const once = yield* self.task.once('step', () => n + 1);
    yield* self.task.checkpoint({ once });
    const child = yield* self.task.submit(doubled.s(once));
    const outside = yield* submit(self, name('tasks', 'main'), doubled.s(n));
    const result = yield* outcome(self, name('tasks', 'main'), outside);
    const { saved, headers, root, id } = self.task;
    return { once, saved, headers, isRoot: root === id, child, result };
  },
);

/** Runs in the main thread. */
export const doubled = defineTask('doubled', (_self, n: number) => n * 2);

export const becomes = defineTask('becomes', { thread: import.meta }, (self: TaskSelf, n: number) =>
  self.task.become(doubled.s(n)),
);

/** Computes in steps, between which it can be ended. */
export const steps = defineTask(
  'steps',
  { thread: import.meta },
  function* (self: TaskSelf): Actor<string> {
    for (let i = 0; !self.task.signal.aborted; i++) {
      self.task.progress(i);
      yield* self.sleep(1);
    }
    return 'aborted';
  },
);
