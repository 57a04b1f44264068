// What a cruncher does, whoever it is: it takes the files that are published from a queue of its own, and tells status what it
// found in them. It keeps nothing between two files, so it may be killed at any moment: its file goes back to
// its queue, and the parts that status has counted already it counts no second time.

import {
  ack,
  consume,
  type Deliveries,
  type Delivery,
  declare,
  publishing,
} from '@beamish/exchange';
import type { Actor, Context, Pending } from 'beamish';
import { stillConsumed } from './consumed.ts';
import type { Algorithm } from './finding.ts';
import { type TopologyOptions, topology, type Work } from './topology.ts';

/** How many files a cruncher may have in hand. Default 1: the next one goes to whoever is free. */
export interface Pace {
  readonly prefetch?: number;
}

/** Reports of one file that may be under way at a time: it goes on while the broker writes. */
const UNDER_WAY = 4;

/** All of a cruncher but its name and its idea of what an address is. */
export function* crunch(
  self: Context<Deliveries<Work>>,
  cruncher: string,
  algorithm: Algorithm,
  options: TopologyOptions,
  { prefetch = 1 }: Pace = {},
): Actor {
  const { crunchers, status } = topology(options);
  const queue = crunchers(cruncher);
  yield* declare(self as Context, queue);
  yield* consume(self, queue, { prefetch });
  const reports = new Reports(self, Math.max(prefetch, UNDER_WAY));
  for (;;) {
    const delivery = yield* reports.next();
    const work = delivery.message;
    const told = { kind: 'found', work, cruncher } as const;
    const whole = algorithm.whole?.(work.path);
    if (whole !== undefined) {
      const sent = publishing(self as Context, status, { ...told, part: 0, ...whole });
      yield* reports.sent(sent, delivery);
      continue;
    }
    const parts = algorithm.parts(work.path);
    try {
      for (let part = 0; ; part++) {
        const { value } = yield* self.wait(parts.next());
        if (value === undefined) break;
        const sent = publishing(self as Context, status, { ...told, part, ...value });
        yield* reports.sent(sent, value.isLast ? delivery : undefined);
      }
    } finally {
      // Also of one that is killed: it closes the file.
      void parts.return();
    }
  }
}

/** Reports that the broker has not confirmed, and the files that are done once it has. */
class Reports {
  readonly #self: Context<Deliveries<Work>>;
  readonly #most: number;
  readonly #underWay: {
    readonly sent: Pending<unknown>;
    readonly of: Delivery<Work> | undefined;
  }[] = [];

  constructor(self: Context<Deliveries<Work>>, most: number) {
    this.#self = self;
    this.#most = most;
  }

  /** The next file. While there is none, what is under way is waited for. */
  *next(): Actor<Delivery<Work>> {
    const self = this.#self;
    while (this.#underWay.length > 0) {
      const message = yield* self.receive('delivery', 'cancelled').after(0);
      if (message !== undefined) return stillConsumed(message);
      yield* this.#settleOldest();
    }
    return stillConsumed(yield* self.receive('delivery', 'cancelled'));
  }

  *sent(sent: Pending<unknown>, of: Delivery<Work> | undefined): Actor {
    this.#underWay.push({ sent, of });
    if (this.#underWay.length >= this.#most) yield* this.#settleOldest();
  }

  *#settleOldest(): Actor {
    const oldest = this.#underWay.shift();
    if (oldest === undefined) return;
    yield* oldest.sent.reply().within('infinity');
    if (oldest.of !== undefined) ack(this.#self as Context, oldest.of);
  }
}
