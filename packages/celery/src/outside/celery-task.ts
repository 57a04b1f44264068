/** Tasks of the other side. */

import type { Priority, TaskDefinition } from '@beamish/tasks';
import { Definition } from '@beamish/tasks/engine';
import { ELSEWHERE, WITH_KEYWORDS } from '../actors/outgoing-call.ts';

/** Where calls of a task of the other side go, and how. */
export interface CeleryTaskOptions {
  /** Default `'celery'`. One of the deployment's, never of the store. */
  readonly queue?: string;
  /** 9 is first, on every broker. Default 0. */
  readonly priority?: Priority;
  /** The last argument is an object of keyword arguments. */
  readonly keywords?: boolean;
}

const DEFAULT_QUEUE = 'celery';

/**
 * A task of the other side, for module scope: `task` of a handle without one. Its queue says where it goes. It is
 * a signature like any other; what is submitted waits until a connection to a deployment has joined the application.
 * The types are what the other side says, unchecked.
 *
 * ```ts
 * const train = celeryTask<[rows: number], Model>('models.train', { queue: 'py' });
 * await app.submit(chain(train.s(1_000), pdf.after('report.pdf')));
 * ```
 *
 * @throws TypeError or RangeError for a name or options that are none.
 */
export function celeryTask<A extends unknown[], R>(
  name: string,
  options: CeleryTaskOptions = {},
): TaskDefinition<A, R> {
  const { queue = DEFAULT_QUEUE, priority, keywords = false } = options;
  const its = { queue, ...(priority !== undefined && { priority }) };
  const elsewhere = keywords ? WITH_KEYWORDS : ELSEWHERE;
  return new Definition(name, its, undefined, elsewhere) as never;
}
