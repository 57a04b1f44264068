/** What is done to exchanges and queues, each on a channel of its own, since what is refused closes it. */

import type { Binding, BrokerAddress, Declarable, Exchange, Queue } from '@beamish/exchange';
import { type BrokerRequest, DEFAULT_EXCHANGE, quarantinedQueue } from '@beamish/exchange/engine';
import type { Channel } from 'amqplib';
import type { Pid } from 'beamish';
import { bindingArguments } from './arguments.ts';
import type { Consumptions } from './consumptions.ts';
import { assertExchange, assertQueue, bindExchange, bindQueue, isQueue } from './declared.ts';
import type { Deliveries } from './deliveries.ts';
import type { Link } from './link.ts';
import { historyOf, moved } from './wire-message.ts';

type AnyQueue = Queue<unknown, unknown>;

/** A refusal of the engine's own, with AMQP's number. */
class Refusal extends Error {
  readonly code: number;

  constructor(code: 403 | 404 | 405 | 406, text: string) {
    super(text);
    this.code = code;
  }
}

export class Topology {
  readonly #link: Link;
  readonly #consumptions: Consumptions;
  readonly #deliveries: Deliveries;
  readonly #broker: BrokerAddress;

  constructor(
    link: Link,
    consumptions: Consumptions,
    deliveries: Deliveries,
    broker: BrokerAddress,
  ) {
    this.#link = link;
    this.#consumptions = consumptions;
    this.#deliveries = deliveries;
    this.#broker = broker;
  }

  /** What the verb returns. @throws what RabbitMQ refuses, with its code */
  async does(request: BrokerRequest): Promise<unknown> {
    if ('queue' in request) {
      this.#checkLock(request.queue, request.by);
      const base = this.#baseOf(request.queue);
      if (base !== undefined) await this.#deliveries.quarantine(base);
    }
    switch (request.ask) {
      case 'declare':
        return await this.declare(request.what, request.by);
      case 'bind':
        return await ('queue' in request
          ? this.#bind(request.queue, request.what)
          : this.#bindExchange(request.exchange, request.what));
      case 'unbind':
        return await ('queue' in request
          ? this.#unbind(request.queue, request.what)
          : this.#unbindExchange(request.exchange, request.what));
      case 'delete_queue':
        return await this.#deleteQueue(request.queue, request.force);
      case 'delete_exchange':
        await this.#link.consumers.onChannel((channel) => channel.deleteExchange(request.exchange));
        return this.#link.declared.removeExchange(request.exchange);
      case 'purge':
        return await this.#link.consumers.onChannel(async (channel) => {
          const { messageCount } = await channel.purgeQueue(request.queue);
          return { messages: messageCount };
        });
      case 'inspect':
        return await this.#inspect(request.queue);
      case 'redeliver':
        return { messages: await this.#redeliver(request.queue, request.limit) };
      case 'consume':
        return await this.#consume(request.queue, request);
      case 'subscribe':
        return await this.#subscribe(request);
      case 'cancel': {
        const consumption = await this.#consumptions.cancel(request.consumption);
        return { forget: consumption?.isAuto === true ? consumption.plan.tag : undefined };
      }
    }
    return undefined;
  }

  /** The exchanges first. */
  async declare(what: readonly Declarable[], by: Pid): Promise<void> {
    const exchanges = what.filter((each): each is Exchange => !isQueue(each));
    const together = new Set(exchanges.map(({ exchange }) => exchange));
    for (const each of exchanges) await this.#declareExchange(each, together);
    for (const { exchange, options } of exchanges)
      for (const binding of options.bindings ?? []) await this.#bindExchange(exchange, binding);
    for (const each of what) if (isQueue(each)) await this.#declareQueue(each, by);
  }

  /** @throws if it is not there */
  async find(exchange: string): Promise<void> {
    if (exchange === DEFAULT_EXCHANGE || this.#link.declared.exchanges.has(exchange)) return;
    await this.#link.consumers.onChannel((channel) => channel.checkExchange(exchange));
  }

  /** What was exclusive to an actor goes with it. */
  async ownerEnded(owner: Pid): Promise<void> {
    for (const [queue, its] of [...this.#link.declared.queues])
      if (its.owner === owner) await this.#deleteQueue(queue, true);
  }

  async #declareExchange(token: Exchange, together: ReadonlySet<string>): Promise<void> {
    const alternate = token.options.alternate?.exchange;
    // RabbitMQ would take it, and lose in silence what goes there.
    if (alternate !== undefined && !together.has(alternate)) await this.find(alternate);
    for (const { from } of token.options.bindings ?? [])
      if (!together.has(from)) await this.find(from);
    await this.#link.consumers.onChannel((channel) => assertExchange(channel, token));
    this.#link.declared.exchanges.set(token.exchange, token);
  }

  async #declareQueue(token: AnyQueue, by: Pid): Promise<void> {
    const { queue, options } = token;
    this.#checkLock(queue, by);
    const base = this.#baseOf(queue);
    if (base !== undefined) {
      await this.#deliveries.quarantine(base);
      return;
    }
    if (options.deadLetter !== undefined) await this.find(options.deadLetter.exchange.exchange);
    const bindings = options.bindings ?? [];
    await this.#link.consumers.onChannel(async (channel: Channel) => {
      for (const { from } of bindings) await channel.checkExchange(from);
      await assertQueue(channel, token);
      for (const binding of bindings) await bindQueue(channel, queue, binding);
    });
    this.#link.declared.addQueue(token, options.lifetime === 'exclusive' ? by : undefined);
    for (const binding of bindings) this.#link.declared.bind(queue, binding);
  }

  async #bind(queue: string, binding: Binding): Promise<void> {
    await this.#link.consumers.onChannel((channel) => bindQueue(channel, queue, binding));
    this.#link.declared.bind(queue, binding);
  }

  async #bindExchange(exchange: string, binding: Binding): Promise<void> {
    await this.#link.consumers.onChannel((channel) => bindExchange(channel, exchange, binding));
    this.#link.declared.bindExchange(exchange, binding);
  }

  async #unbindExchange(exchange: string, binding: Binding): Promise<void> {
    const { from, key } = binding;
    await this.#link.consumers.onChannel((channel) =>
      channel.unbindExchange(exchange, from, key, bindingArguments(binding)),
    );
    this.#link.declared.unbindExchange(exchange, binding);
  }

  async #unbind(queue: string, binding: Binding): Promise<void> {
    const { from, key } = binding;
    await this.#link.consumers.onChannel((channel) =>
      channel.unbindQueue(queue, from, key, bindingArguments(binding)),
    );
    this.#link.declared.unbind(queue, binding);
  }

  async #deleteQueue(queue: string, force: boolean): Promise<{ readonly messages: number }> {
    const options = force ? {} : { ifEmpty: true, ifUnused: true };
    const { queues } = this.#link.declared;
    const its = queues.get(queue);
    // First: whoever consumes it is told of the end before we are, and would declare it again.
    queues.delete(queue);
    try {
      return await this.#link.consumers.onChannel(async (channel) => {
        const { messageCount } = await channel.deleteQueue(queue, options);
        return { messages: messageCount };
      });
    } catch (error) {
      if (its !== undefined) queues.set(queue, its);
      throw error;
    }
  }

  async #inspect(queue: string): Promise<unknown> {
    const { messageCount, consumerCount } = await this.#link.consumers.onChannel((channel) =>
      channel.checkQueue(queue),
    );
    return {
      ready: messageCount,
      consumers: consumerCount,
      unsettled: undefined,
      oldestMs: undefined,
    };
  }

  /** One after the other: a copy, and when it has arrived, the original is acknowledged. */
  async #redeliver(queue: string, limit: number): Promise<number> {
    const quarantine = await this.#deliveries.quarantine(queue);
    return await this.#link.consumers.onChannel(async (channel) => {
      let count = 0;
      for (; count < limit; count++) {
        const message = await channel.get(quarantine);
        if (message === false) break;
        const carried = moved(message, historyOf(message));
        if (!(await this.#link.transfer(queue, message.content, carried))) break;
        channel.ack(message);
      }
      return count;
    });
  }

  async #consume(
    queue: string,
    { by, plan }: Pick<BrokerRequest & { readonly ask: 'consume' }, 'by' | 'plan'>,
  ): Promise<unknown> {
    const { ref } = await this.#consumptions.open(by, queue, plan);
    return { ref, queue, broker: this.#broker };
  }

  /** A queue of its own, which goes with its only consumer. */
  async #subscribe(request: BrokerRequest & { readonly ask: 'subscribe' }): Promise<unknown> {
    const { what, by, plan } = request;
    const make = () =>
      this.#link.consumers.onChannel(async (channel) => {
        await channel.checkExchange(what.from);
        const its = await channel.assertQueue('', { exclusive: true, autoDelete: true });
        await bindQueue(channel, its.queue, what);
        return its.queue;
      });
    const queue = await make();
    const { ref } = await this.#consumptions.open(by, queue, plan, make);
    return { ref, queue, broker: this.#broker };
  }

  /** RabbitMQ knows connections, not actors. */
  #checkLock(queue: string, by: Pid): void {
    const owner = this.#link.declared.queues.get(queue)?.owner;
    if (owner === undefined || owner === by) return;
    throw new Refusal(405, `"${queue}" is an exclusive queue of ${String(owner)}`);
  }

  #baseOf(queue: string): string | undefined {
    if (this.#link.declared.baseOf(queue) === undefined) return undefined;
    return quarantinedQueue(queue);
  }
}
