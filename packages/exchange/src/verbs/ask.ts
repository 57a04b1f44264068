/** Request and reply through a queue: the answer comes straight to who asked, and no queue is made for it. */

import { type Call, type Caller, CallFailed, type Target } from 'beamish';
import type { Delivery } from '../terms/messages.ts';
import type { Answered, PublishReply, Reply } from '../terms/protocol.ts';
import type { PublishBase } from '../terms/publish-options.ts';
import type { Queue } from '../terms/queue.ts';
import { validate } from '../terms/schema.ts';
import { asking } from './asking.ts';
import { publishAgain, publishOf, queuesOf } from './publish.ts';
import { sendToQueue } from './settle.ts';

type Answering<A> = [A] extends [never]
  ? {
      readonly 'Its consumers answer nothing: give the queue the type of its answers, queue<M, A>(…)': never;
    }
  : unknown;

/**
 * Publishes a request and waits for its answer: no queue for replies is made, and a late answer reaches
 * nobody. A consumer that dies with it does not fail it: the request goes to another one, until the
 * deadline, 5,000 ms unless `within` says otherwise.
 *
 * ```ts
 * const sums = queue<Sum, number>('sums');
 * const three = yield* ask(self, sums, { a: 1, b: 2 });
 * ```
 *
 * @throws PublishFailed at once if no queue takes the request; CallFailed with `'timeout'`, or with a
 * TypeError for an answer that the queue's `answers` does not allow.
 */
export function ask<M, A>(
  by: Caller,
  to: Queue<M, A> & Answering<A>,
  message: NoInfer<M>,
  options?: PublishBase,
): Call<A> {
  const queue: Queue<M, A> = to;
  const sent = publishOf(queue, [message, options], true);
  return asking<A>(by, queue.address as Target, sent, {
    answered(answer) {
      const reply = answer as PublishReply;
      if (reply.tag !== '$answered') return queuesOf(reply, queue, sent) as never;
      return allowed(queue, reply);
    },
    failed: (error) => publishAgain(by, queue, sent, error),
  });
}

/**
 * Answers who `ask`ed. Once, and before or after `ack`; a second answer is a dead letter. To a message that
 * nobody waits for, it does nothing.
 */
export function reply<A>(
  by: Caller,
  delivery: Delivery<unknown, string, A>,
  answer: NoInfer<A>,
): void {
  const { settlement, queue } = delivery;
  if (!settlement.wantsReply) return;
  const message: Reply = { tag: '$reply', queue, to: settlement.replyTo, answer };
  sendToQueue(by, settlement.with, message);
}

function allowed<A>(queue: Queue<unknown, A>, { answer }: Answered): A {
  const { answers } = queue.options;
  if (answers === undefined) return answer as A;
  const validated = validate<A>(answers, answer);
  if (validated.ok) return validated.value;
  const error = new TypeError(
    `A consumer of the queue "${queue.queue}" answered what it may not: ${validated.why}`,
  );
  throw new CallFailed(error, queue.address as Target, 'ask');
}
