/** The work as others do it: over a broker, in Celery's queue `prime`, by Python's workers or ours. */

import type { Threads } from '@beamish/threads';
import type { Body, Supervisor } from 'beamish';
import type { Elsewhere } from './settings.ts';
import { byTrial, type Found, isPrime, type Questions } from './work.ts';

const QUEUE = 'prime';
const NODE = { web: 'prime-web', worker: 'prime' };

/** With `cores`, this process serves the queue, too. Loaded only where there is a broker. */
export async function theirs(
  { broker, results }: Elsewhere,
  cores: Threads | undefined,
  concurrency: number,
): Promise<{ readonly tree: Body<Supervisor, [], void>; readonly questions: Questions }> {
  const { celeryTask, celeryTree } = await import('@beamish/celery');
  const serve = cores !== undefined && {
    serve: {
      tasks: [isPrime, byTrial],
      queues: [QUEUE],
      // Small questions never wait for a thread.
      concurrency: 10 + concurrency,
      threads: cores,
    },
  };
  const node = `${serve ? NODE.worker : NODE.web}@${process.pid}`;
  return {
    tree: celeryTree({ broker, results, node, ...serve }),
    questions: {
      isPrime: celeryTask<[digits: string], Found>(isPrime.name, { queue: QUEUE }),
      byTrial: celeryTask<[digits: string], Found>(byTrial.name, { queue: QUEUE }),
    },
  };
}
