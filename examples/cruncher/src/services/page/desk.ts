// The desk has what was uploaded crunched: it publishes each file, hears from each cruncher when it is through with
// it, and takes the file away when all are.

import type { Deliveries } from '@beamish/exchange';
import { type Actor, name, type ReplyTo, type Self } from 'beamish';
import { Requests } from '../requests.ts';
import { type Result, type TopologyOptions, topology } from '../topology.ts';

/** A file is there. The reply is the id of the work that it became. */
export interface Arrived {
  readonly tag: 'arrived';
  readonly path: string;
  readonly shown: string;
  readonly replyTo: ReplyTo<string>;
}

/** Nobody wants what is in it any more. What was counted by now stays counted. */
export interface Cancel {
  readonly tag: 'cancel';
  readonly work: string;
}

/** Where what was uploaded is. */
export interface Spool {
  /** Whoever reads it finds that it ends here. */
  cut(path: string): Promise<void>;
  remove(path: string): Promise<void>;
}

export const DESK = name<Arrived | Cancel>('desk');

export interface DeskOptions {
  readonly topology: TopologyOptions;
  readonly crunchers: readonly string[];
  readonly files: Spool;
}

export function* desk(
  self: Self<Deliveries<Result> | Arrived | Cancel>,
  options: DeskOptions,
): Actor {
  const requests = new Requests(self, topology(options.topology), options.crunchers);
  yield* requests.begin();
  const paths = new Map<string, string>();
  for (;;) {
    const message = yield* self.receive('arrived', 'cancel', 'delivery', 'cancelled');
    switch (message.tag) {
      case 'arrived': {
        const work = yield* requests.publish(message.path, message.shown);
        paths.set(work.id, message.path);
        self.send(message.replyTo, work.id);
        break;
      }
      case 'cancel': {
        const path = paths.get(message.work);
        if (path !== undefined) yield* self.wait(options.files.cut(path));
        break;
      }
      case 'delivery': {
        const { work } = message.message;
        const path = paths.get(work);
        if (!requests.heard(message.message) || path === undefined) break;
        paths.delete(work);
        yield* self.wait(options.files.remove(path));
        break;
      }
      case 'cancelled':
        throw new Error(`Cannot hear of results: ${message.reason}`);
    }
  }
}
