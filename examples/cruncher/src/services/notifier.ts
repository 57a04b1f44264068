// A notifier sends the notices for one name. To stop it is to unsubscribe that person: what is meant for them
// then waits in their queue, or is dropped, as was chosen. It never sleeps with a notice in hand: one that the
// mail server does not want yet waits in the broker.

import {
  ack,
  binding,
  consume,
  type Deliveries,
  type Delivery,
  declare,
  emit,
  publish,
  reject,
  subscribe,
} from '@beamish/exchange';
import type { Actor, Context, Self } from 'beamish';
import { stillConsumed } from './consumed.ts';
import type { Mailer, Outcome } from './mailer.ts';
import { type Notice, type Topology, type TopologyOptions, topology } from './topology.ts';

/** What becomes of notices while their notifier is stopped. */
export type WhileStopped = 'wait' | 'drop';

export interface NotifierOptions {
  readonly topology: TopologyOptions;
  readonly mailer: Mailer;
  readonly whileStopped: WhileStopped;
}

const MOST_ATTEMPTS = 30;
/** So many notices are remembered, to know one that the broker was told twice. */
const REMEMBERED = 1000;

export function* notifier(
  self: Self<Deliveries<Notice>>,
  name: string,
  { topology: names, mailer, whileStopped }: NotifierOptions,
): Actor {
  const its = topology(names);
  const hears = whileStopped === 'wait' ? fromQueue : fromNowOn;
  const settle = yield* hears(self, name, its);
  const sent = new Set<string>();
  for (;;) {
    const delivery = stillConsumed(yield* self.receive('delivery', 'cancelled'));
    const { messageId } = delivery.properties;
    if (sent.has(messageId) && !delivery.redelivered) {
      // It reached the broker twice, through a connection that was lost in between.
      settle.done(delivery);
      continue;
    }
    const notice = {
      ...delivery.message,
      mayBeTwice: delivery.message.mayBeTwice || delivery.redelivered,
    };
    const outcome = final(yield* self.wait(mailer(notice)), notice);
    yield* report(self as Context, its, notice, outcome);
    if (outcome.kind === 'never') settle.refused(delivery);
    else settle.done(delivery);
    if (outcome.kind === 'sent') sent.add(messageId);
    if (sent.size > REMEMBERED) sent.delete(sent.keys().next().value as string);
  }
}

/** Before the notice is settled: a crash in between loses nothing, and at worst a mail is sent twice, and says so. */
function* report(
  self: Context,
  { status, later }: Topology,
  notice: Notice,
  outcome: Outcome,
): Actor {
  const { name, attempt } = notice;
  if (outcome.kind === 'later') {
    const wait = later[Math.min(attempt, later.length - 1)] as (typeof later)[number];
    const mayBeTwice = notice.mayBeTwice || outcome.isUnsure;
    const again = { ...notice, attempt: attempt + 1, mayBeTwice };
    yield* publish(self, wait, again, { key: name }).within('infinity');
    return;
  }
  const news =
    outcome.kind === 'sent'
      ? ({ kind: 'noticed', name, outcome: 'delivered' } as const)
      : ({ kind: 'noticed', name, outcome: 'failed', reason: outcome.reason } as const);
  yield* publish(self, status, news).within('infinity');
}

/** After so many attempts, the last of them ten minutes apart, nobody will take it. */
function final(outcome: Outcome, { attempt }: Notice): Outcome {
  if (outcome.kind !== 'later' || attempt + 1 < MOST_ATTEMPTS) return outcome;
  return { kind: 'never', reason: `${outcome.reason} (tried ${MOST_ATTEMPTS} times)` };
}

interface Settle {
  done(delivery: Delivery<Notice>): void;
  refused(delivery: Delivery<Notice>): void;
}

/** From a queue that is there whether the notifier is or not. */
function* fromQueue(
  self: Context<Deliveries<Notice>>,
  name: string,
  { mailbox, status }: Topology,
): Actor<Settle> {
  const queue = mailbox(name);
  yield* declare(self as Context, queue);
  // There may be notices for this name from before there was a queue.
  yield* publish(self as Context, status, { kind: 'here', name }).within('infinity');
  yield* consume(self, queue);
  return {
    done: (delivery) => ack(self as Context, delivery),
    refused: (delivery) => reject(self as Context, delivery),
  };
}

/** What comes while it runs, and nothing else. */
function* fromNowOn(
  self: Context<Deliveries<Notice>>,
  name: string,
  { notices, refused }: Topology,
): Actor<Settle> {
  yield* subscribe(self, binding(notices, name));
  return {
    done: () => {},
    refused: ({ message }) => emit(self as Context, refused, message),
  };
}
