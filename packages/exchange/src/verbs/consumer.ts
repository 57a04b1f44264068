/** An actor that handles the messages of a queue one after the other. */

import {
  type Actor,
  type Body,
  CallFailed,
  type Context,
  type Exit,
  isOrderly,
  type Self,
  shutdown,
} from 'beamish';
import { BrokerRefused } from '../terms/errors.ts';
import type { Cancelled, Deliveries, Delivery } from '../terms/messages.ts';
import type { Queue } from '../terms/queue.ts';
import { reply } from './ask.ts';
import { type ConsumeOptions, consume, planOf } from './consume.ts';
import { ack, IN_HAND } from './settle.ts';

/** What a handler may return: the answer if its queue has a type of answers. */
export type Handled<A> = [A] extends [never]
  ? void | Actor | Promise<void>
  : A | Actor<A> | Promise<A>;

/**
 * An actor that handles one message after the other: acknowledged when the handler returns, unless it has
 * settled it itself (`reject`, `requeue`); its value is the answer if it was asked. A handler that throws
 * crashes the actor: its supervisor starts another, and the message comes again, until the queue has set
 * it aside. Told to shut down, it finishes what it has in hand; the rest of its prefetch goes back.
 *
 * The handler may be a plain, a generator or an async function, and an `async` one may await operations of
 * `self`. The actor traps exits: what the handler links to ends it between two messages. When the broker
 * has restarted, it consumes again.
 *
 * ```ts
 * child('worker', consumer(jobs, function* (self, job) { yield* work(self, job); }))
 * child('adder', consumer(sums, (_self, { a, b }) => a + b)) // answers `ask`
 * ```
 *
 * @throws RangeError for a prefetch that there is not. The actor ends with BrokerRefused if there is no
 * such queue, or it is deleted.
 */
export function consumer<M, A = never, X extends unknown[] = []>(
  queue: Queue<M, A>,
  handle: (
    self: Self<never>,
    message: M,
    delivery: Delivery<M, 'delivery', A>,
    ...args: X
  ) => Handled<NoInfer<A>>,
  options: Pick<ConsumeOptions<string>, 'prefetch' | 'priority'> = {},
): Body<Deliveries<M>, X, void> {
  planOf(options, queue.queue);
  const work = { queue, handle, options } as unknown as Work;
  // Which kind of body it needs is known of the handler: only in an async one can operations be awaited.
  const body =
    handle instanceof AsyncFunction
      ? (self: Worker, ...args: X) => workAsync(self, work, args)
      : (self: Worker, ...args: X) => workOn(self, work, args);
  Object.defineProperty(body, 'name', { value: handle.name || `consumer of ${queue.queue}` });
  return body as unknown as Body<Deliveries<M>, X, void>;
}

type Worker = Self<Deliveries<unknown>>;

interface Work {
  readonly queue: Queue;
  readonly handle: (...args: unknown[]) => unknown;
  readonly options: Pick<ConsumeOptions<string>, 'prefetch' | 'priority'>;
}

const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
const FIRST_RETRY_MS = 10;
const LAST_RETRY_MS = 1000;

function* workOn(self: Worker, work: Work, args: readonly unknown[]): Actor {
  const { queue, handle, options } = work;
  self.trapExit(true);
  yield* consume(self as never, queue, options);
  const prefetched: Delivery[] = [];
  for (;;) {
    const delivery = yield* next(self, work, prefetched);
    self.put(IN_HAND, delivery.settlement.number);
    let value = handle(self, delivery.message, delivery, ...args);
    if (isSteps(value)) value = yield* value;
    else if (isPromise(value)) value = yield* self.wait(value);
    finish(self, delivery, value);
  }
}

async function workAsync(self: Worker, work: Work, args: readonly unknown[]): Promise<void> {
  const { queue, handle, options } = work;
  self.trapExit(true);
  await consume(self as never, queue, options);
  const prefetched: Delivery[] = [];
  for (;;) {
    const delivery = await self.perform(next(self, work, prefetched));
    self.put(IN_HAND, delivery.settlement.number);
    finish(self, delivery, await handle(self, delivery.message, delivery, ...args));
  }
}

/** The handler has returned. */
function finish(self: Worker, delivery: Delivery, value: unknown): void {
  const settled = self.erase(IN_HAND);
  const isOpen = settled === delivery.settlement.number;
  if (isOpen || settled === 'ack') reply(self as Context, delivery, value as never);
  if (isOpen) ack(self as Context, delivery);
}

/** The next delivery. Everything that has come is looked at first, so that an end is not behind what was prefetched. */
function* next(self: Worker, work: Work, prefetched: Delivery[]): Actor<Delivery> {
  const { prefetch = 1 } = work.options;
  for (;;) {
    const hurries = prefetched.length > 0;
    // With a prefetch of 1, what comes after the end comes behind it.
    if (hurries && prefetch === 1) return prefetched.shift() as Delivery;
    const message = hurries
      ? yield* self.receive('delivery', 'cancelled', 'EXIT').after(0)
      : yield* self.receive('delivery', 'cancelled', 'EXIT');
    if (message === undefined) return prefetched.shift() as Delivery;
    if (message.tag === 'delivery') prefetched.push(message as Delivery);
    else if (message.tag === 'EXIT') heed(self, message as Exit);
    else yield* renew(self, work, prefetched, message as Cancelled);
  }
}

/** Its parent's end is its own; that of somebody else whom the handler linked it to is a crash, if it was one. */
function heed(self: Worker, { from, reason }: Exit): void {
  if (from === self.parent) self.exit(isOrderly(reason) ? reason : shutdown(reason));
  if (reason !== 'normal') self.exit(reason);
}

/** The broker was restarted, and knows nothing of this consumer: what was prefetched comes again, if it is still there. */
function* renew(
  self: Worker,
  { queue, options }: Work,
  prefetched: Delivery[],
  { reason }: Cancelled,
): Actor {
  if (reason !== 'broker_down') {
    throw new BrokerRefused(
      reason === 'refused' ? 'access_refused' : 'not_found',
      `The consumption of the queue "${queue.queue}" has ended: ${reason}`,
    );
  }
  prefetched.length = 0;
  for (let ms = FIRST_RETRY_MS; ; ms = Math.min(ms * 2, LAST_RETRY_MS)) {
    try {
      yield* consume(self as never, queue, options);
      return;
    } catch (error) {
      // It is on its way up again; what it refuses is another matter.
      if (!(error instanceof CallFailed)) throw error;
    }
    const exit = yield* self.receive('EXIT').after(ms);
    if (exit !== undefined) heed(self, exit);
  }
}

function isSteps(value: unknown): value is Actor<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Actor>).next === 'function' &&
    Symbol.iterator in value
  );
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<PromiseLike<unknown>>).then === 'function'
  );
}
