/** Results as messages to who asked, each process with a queue of its own. */

import { randomUUID } from 'node:crypto';
import { type Result, type Whose, writeReply } from '../messages/result.ts';
import { transient } from '../messages/wire-message.ts';
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
    const queue = { name: this.replyTo, boundTo: undefined, expiresMs: DAY_MS };
    await this.#wire.answers(queue, ({ body }) => this.take(body));
  }

  async store(whose: Whose, replyTo: string | undefined, result: Result): Promise<void> {
    if (replyTo === undefined) return;
    const message = {
      properties: transient({ correlation_id: whose.id }),
      headers: {},
      body: writeReply(whose, result),
    };
    // Whoever asked may be gone, and its queue with it.
    await this.#wire.publish({ exchange: '', key: replyTo }, message, { mustArrive: false });
  }
}
