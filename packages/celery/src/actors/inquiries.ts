/** Remote control from our side: asks nodes, and gathers what they answer. */

import { randomUUID } from 'node:crypto';
import type { ActorSystem, Deadline } from 'beamish';
import { seamsOf } from 'beamish/transport';
import { readReply, requestMessage } from '../messages/control.ts';
import type { WireMessage } from '../messages/wire-message.ts';
import { PIDBOX, PIDBOX_REPLIES } from '../wire/wire.ts';
import type { Deployment } from './deployment.ts';

const WITHIN_MS = 1000;
/** A queue for replies is of no use for longer. */
const EXPIRES_MS = 10_000;

interface Inquiry {
  readonly replies: Record<string, unknown>;
  /** Undefined if it is not known how many there are. */
  readonly wanted: number | undefined;
  readonly enough: () => void;
}

export class Inquiries {
  readonly #system: ActorSystem;
  readonly #deployment: Deployment;
  readonly #oid = randomUUID();
  readonly #open = new Map<string, Inquiry>();
  #listening: Promise<void> | undefined;

  constructor(system: ActorSystem, deployment: Deployment) {
    this.#system = system;
    this.#deployment = deployment;
  }

  async ask(
    method: string,
    args: Readonly<Record<string, unknown>>,
    { within = WITHIN_MS, nodes }: Deadline & { readonly nodes?: readonly string[] },
  ): Promise<Readonly<Record<string, unknown>>> {
    const { wire, clock } = this.#deployment;
    const replyTo = { exchange: PIDBOX_REPLIES, key: this.#oid };
    this.#listening ??= wire.answers(
      {
        name: `${this.#oid}.${PIDBOX_REPLIES}`,
        boundTo: replyTo,
        expiresMs: EXPIRES_MS,
        isDurable: false,
      },
      (message) => this.#heard(message),
    );
    await this.#listening;
    const ticket = randomUUID();
    const replies: Record<string, unknown> = {};
    const enough = new Promise<void>((resolve) => {
      this.#open.set(ticket, { replies, wanted: nodes?.length, enough: resolve });
    });
    const seconds = within === 'infinity' ? 3600 : within / 1000;
    const expires = seamsOf(this.#system as never).wall() / 1000 + seconds;
    const message = requestMessage({ method, args, nodes, ticket, replyTo, expires }, clock.tick());
    await wire.publish({ exchange: PIDBOX, key: '' }, message, { mustArrive: false });
    const late = this.#system.run(function* waiting(self) {
      yield* self.sleep(within === 'infinity' ? 3_600_000 : within);
    });
    await Promise.race([enough, late]);
    this.#open.delete(ticket);
    return replies;
  }

  #heard(message: WireMessage): void {
    const reply = readReply(message);
    this.#deployment.clock.adjust(message.headers['clock']);
    const inquiry = reply && this.#open.get(reply.ticket);
    if (reply === undefined || inquiry === undefined) return;
    Object.assign(inquiry.replies, reply.replies);
    if (Object.keys(inquiry.replies).length === inquiry.wanted) inquiry.enough();
  }
}
