/** The timeline as others fill it: in Celery's queue `follow.timeline`, by the worker of `timeline.py`. */

import { celeryTask, celeryTree } from '@beamish/celery';
import { chain } from '@beamish/tasks';
import type { Body, Supervisor } from 'beamish';
import { type Filled, filled, type Pair, type Timeline, timeline } from './work.ts';

const QUEUE = 'follow.timeline';

/** The connection, as a child after the tasks, and what fills a timeline over it. */
export function theirs(broker: string): {
  readonly tree: Body<Supervisor, [], void>;
  readonly fill: Timeline;
} {
  const python = celeryTask<[pair: Pair], Filled>(timeline.name, { queue: QUEUE });
  return {
    tree: celeryTree({ broker, results: 'rpc://', node: `follow@${process.pid}` }),
    fill: chain(python, filled),
  };
}
