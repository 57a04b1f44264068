/** What RabbitMQ delivers, as an actor gets it; and where it goes that nobody may get. */

import type { Death, Delivery, Settlement } from '@beamish/exchange';
import { decodeBy, quarantinedQueue, quarantineName, validate } from '@beamish/exchange/engine';
import type { ConsumeMessage } from 'amqplib';
import type { Pid } from 'beamish';
import type { Consumption } from './consumption.ts';
import { ensureQueue } from './declared.ts';
import type { Link } from './link.ts';
import {
  deliveredPropertiesOf,
  headersOf,
  historyOf,
  historyWith,
  mayHaveBeenHandled,
  messageIdOf,
  moved,
  originOf,
} from './wire-message.ts';

const DEFAULT_MAX_CRASHES = 3;

export type Read =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly why: string };

export class Deliveries {
  readonly #link: Link;
  readonly #pid: Pid;
  readonly #wall: () => number;

  /** `pid`: with whom they are settled. */
  constructor(link: Link, pid: Pid, wall: () => number) {
    this.#link = link;
    this.#pid = pid;
    this.#wall = wall;
  }

  /** Decoded, and as the queue's schema has it. */
  read(queue: string, { content, properties }: ConsumeMessage): Read {
    const options = this.optionsOf(queue);
    const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
    try {
      const value = decodeBy(properties.contentType, bytes, options?.codec);
      return options?.schema === undefined ? { ok: true, value } : validate(options.schema, value);
    } catch (thrown) {
      // Codecs are user code: that one cannot read is its answer. In quarantine, that is no news.
      if (quarantinedQueue(queue) !== undefined) return { ok: true, value: bytes };
      return { ok: false, why: `It cannot be decoded in "${queue}": ${String(thrown)}` };
    }
  }

  delivery(
    { queue, plan, ref }: Consumption,
    message: ConsumeMessage,
    value: unknown,
    number: number,
    crashes: number,
  ): Delivery<unknown, string> {
    const { replyTo, correlationId } = message.properties;
    const asked = replyTo === undefined ? undefined : { replyTo, correlationId };
    const { exchange, key } = originOf(message);
    const settlement = {
      with: this.#pid,
      number,
      slot: 0,
      consumption: ref,
      replyTo: asked,
      wantsReply: asked !== undefined,
    };
    return {
      tag: plan.tag,
      queue,
      message: value,
      exchange,
      key,
      headers: headersOf(message),
      properties: deliveredPropertiesOf(message),
      redelivered: mayHaveBeenHandled(message),
      crashes,
      history: historyOf(message),
      settlement: settlement as unknown as Settlement,
    };
  }

  /**
   * A copy of it goes to the quarantine, and when it has arrived, it can be acknowledged: killed between the
   * two, it is in both. Returns whether it has arrived.
   */
  async setAside(
    queue: string,
    message: ConsumeMessage,
    reason: Death['reason'],
    why: string | undefined,
  ): Promise<boolean> {
    const quarantine = await this.quarantine(queue);
    const history = historyWith(message, queue, reason, this.#wall());
    const properties = moved(message, history);
    if (!(await this.#link.transfer(quarantine, message.content, properties))) return false;
    const messageId = messageIdOf(message);
    const told = { kind: 'quarantined', queue, reason, messageId } as const;
    this.#link.tell(why === undefined ? told : { ...told, why });
    return true;
  }

  /** It is there as soon as somebody needs it. */
  async quarantine(queue: string): Promise<string> {
    const name = quarantineName(queue);
    await ensureQueue(this.#link.consumers, name, { durable: this.isDurable(queue) });
    return name;
  }

  isDurable(queue: string): boolean {
    return this.optionsOf(queue)?.durable === true;
  }

  /** Undefined where nothing is counted: nobody minds who fails in a quarantine. */
  maxCrashesOf(queue: string): number | undefined {
    if (this.#link.declared.baseOf(queue) !== undefined) return undefined;
    const { maxCrashes = DEFAULT_MAX_CRASHES } = this.optionsOf(queue) ?? {};
    return maxCrashes === 'infinity' ? undefined : maxCrashes;
  }

  optionsOf(queue: string) {
    const base = this.#link.declared.baseOf(queue)?.token.options;
    if (base !== undefined) {
      const { durable = false, codec } = base;
      return codec === undefined ? { durable } : { durable, codec };
    }
    return this.#link.declared.queues.get(queue)?.token.options;
  }
}
