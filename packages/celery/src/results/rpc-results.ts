/** Results as messages to who asked, each process with a queue of its own. */

import { randomUUID } from 'node:crypto';
import { type Result, type Whose, writeReply } from '../messages/result.ts';
import { persistent } from '../messages/wire-message.ts';
import type { Wire } from '../wire/wire.ts';
import type { Results } from './results.ts';

const DAY_MS = 86_400_000;

export class RpcResults implements Results {
  readonly kind = 'rpc';
  readonly replyTo = randomUUID();
  readonly kept = undefined;
  readonly chords = undefined;
  readonly #wire: Wire;
  take: (text: string) => void = () => {};

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  async begin(): Promise<void> {
    const queue = {
      name: this.replyTo,
      boundTo: undefined,
      expiresMs: DAY_MS,
      isDurable: true,
    };
    await this.#wire.answers(queue, ({ body }) => this.take(body));
  }

  async store(whose: Whose, replyTo: string | undefined, result: Result): Promise<void> {
    if (replyTo === undefined) return;
    // On disk where the queue is: those of Python's clients end with the broker, and ours do not.
    const message = {
      properties: persistent(whose.id, { priority: 0 }),
      headers: {},
      body: writeReply(whose, result),
    };
    // Whoever asked may be gone, and its queue with it.
    await this.#wire.publish({ exchange: '', key: replyTo }, message, { mustArrive: false });
  }
}
