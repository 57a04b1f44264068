/** What this program has declared: it is declared again on each new connection, and its codecs and schemas are known by it. */

import { type Binding, type Declarable, type Exchange, json, type Queue } from '@beamish/exchange';
import { DEFAULT_EXCHANGE, quarantinedQueue } from '@beamish/exchange/engine';
import type { Channel, Options } from 'amqplib';
import type { Pid } from 'beamish';
import { bindingArguments, exchangeOptions, queueOptions } from './arguments.ts';
import type { Line } from './line.ts';
import { refusalOf } from './refusal.ts';

export interface DeclaredQueue {
  readonly token: Queue<unknown, unknown>;
  /** Whose it is, if it is exclusive. */
  readonly owner: Pid | undefined;
  /** By what tells them apart. */
  readonly bindings: Map<string, Binding>;
}

/** What could not be declared again, and in RabbitMQ's words why. */
export type Refusals = readonly {
  readonly what: string;
  readonly reason: string;
  /** It is an exclusive queue of a connection that RabbitMQ does not know to be lost yet. */
  readonly isLocked: boolean;
}[];

export class Declared {
  readonly exchanges = new Map<string, Exchange>();
  /** Of exchanges that are bound to others, by what tells them apart. */
  readonly exchangeBindings = new Map<string, Map<string, Binding>>();
  readonly queues = new Map<string, DeclaredQueue>();

  codecOf(exchange: string, key: string): typeof json {
    if (exchange !== DEFAULT_EXCHANGE) return this.exchanges.get(exchange)?.options.codec ?? json;
    return this.queues.get(key)?.token.options.codec ?? json;
  }

  addQueue(token: Queue<unknown, unknown>, owner: Pid | undefined): DeclaredQueue {
    const present = this.queues.get(token.queue);
    const made = { token, owner, bindings: present?.bindings ?? new Map<string, Binding>() };
    this.queues.set(token.queue, made);
    return made;
  }

  bind(queue: string, binding: Binding): void {
    this.queues.get(queue)?.bindings.set(identityOf(binding), binding);
  }

  unbind(queue: string, binding: Binding): void {
    this.queues.get(queue)?.bindings.delete(identityOf(binding));
  }

  bindExchange(exchange: string, binding: Binding): void {
    const its = this.exchangeBindings.get(exchange) ?? new Map<string, Binding>();
    this.exchangeBindings.set(exchange, its.set(identityOf(binding), binding));
  }

  unbindExchange(exchange: string, binding: Binding): void {
    this.exchangeBindings.get(exchange)?.delete(identityOf(binding));
  }

  removeExchange(exchange: string): void {
    this.exchanges.delete(exchange);
    this.exchangeBindings.delete(exchange);
    const all = [...this.queues.values()].map(({ bindings }) => bindings);
    for (const bindings of [...all, ...this.exchangeBindings.values()])
      for (const [key, { from }] of bindings) if (from === exchange) bindings.delete(key);
  }

  /** The queue whose quarantine it is, if it is one's. */
  baseOf(queue: string): DeclaredQueue | undefined {
    return this.queues.get(quarantinedQueue(queue) ?? '');
  }

  /**
   * All again: the exchanges first. What is refused does not hold up the others. Exclusive queues are of one
   * connection, and on another one as good as not there.
   */
  async again(line: Line, withExclusive: boolean): Promise<Refusals> {
    const steps: Step[] = [];
    for (const token of this.exchanges.values())
      steps.push([token.exchange, (channel) => assertExchange(channel, token)]);
    steps.push(...this.#exchangeSteps(() => true));
    for (const its of this.queues.values())
      if (withExclusive || its.token.options.lifetime !== 'exclusive')
        steps.push([its.token.queue, (channel) => restore(channel, its)]);
    return await all(line, steps);
  }

  /** One exchange again, with the bindings of it that are known. */
  async againExchange(line: Line, exchange: string): Promise<Refusals> {
    const token = this.exchanges.get(exchange) as Exchange;
    const steps: Step[] = [
      [exchange, (channel) => assertExchange(channel, token)],
      ...this.#exchangeSteps((to, from) => to === exchange || from === exchange),
    ];
    for (const { token: its, bindings } of this.queues.values())
      for (const binding of bindings.values())
        if (binding.from === exchange)
          steps.push([its.queue, (channel) => bindQueue(channel, its.queue, binding)]);
    return await all(line, steps);
  }

  #exchangeSteps(isMeant: (to: string, from: string) => boolean): readonly Step[] {
    return [...this.exchangeBindings].flatMap(([to, bindings]) =>
      [...bindings.values()]
        .filter(({ from }) => isMeant(to, from))
        .map((binding): Step => [to, (channel) => bindExchange(channel, to, binding)]),
    );
  }

  /** One queue again, if it has been declared here. @throws what RabbitMQ refuses */
  async againQueue(line: Line, queue: string): Promise<void> {
    const its = this.queues.get(queue);
    if (its !== undefined) await line.onChannel((channel) => restore(channel, its));
  }
}

/** A queue of the engine's own, which may be there with other options. Returns how many messages it has. */
export async function ensureQueue(
  line: Line,
  queue: string,
  options: Options.AssertQueue,
): Promise<number> {
  try {
    return (await line.onChannel((ch) => ch.assertQueue(queue, options))).messageCount;
  } catch (error) {
    if (refusalOf(error, '')?.reason !== 'precondition_failed') throw error;
    return (await line.onChannel((channel) => channel.checkQueue(queue))).messageCount;
  }
}

type Step = readonly [what: string, does: (channel: Channel) => Promise<void>];

/** One after the other on one channel, and on the next one after a refusal, which closes it. */
async function all(line: Line, steps: readonly Step[]): Promise<Refusals> {
  const refusals: Refusals[number][] = [];
  for (let i = 0; i < steps.length; ) {
    try {
      await line.onChannel(async (channel) => {
        for (; i < steps.length; i++) await (steps[i] as Step)[1](channel);
      });
    } catch (error) {
      const [what] = steps[i] as Step;
      const refused = refusalOf(error, `Cannot declare "${what}" again`);
      if (refused === undefined) throw error;
      refusals.push({ what, reason: refused.text, isLocked: refused.reason === 'resource_locked' });
      i++;
    }
  }
  return refusals;
}

async function restore(channel: Channel, { token, bindings }: DeclaredQueue): Promise<void> {
  await assertQueue(channel, token);
  for (const binding of bindings.values()) await bindQueue(channel, token.queue, binding);
}

export async function assertExchange(channel: Channel, token: Exchange): Promise<void> {
  await channel.assertExchange(token.exchange, token.type, exchangeOptions(token));
}

export async function assertQueue(channel: Channel, token: Queue<unknown, unknown>): Promise<void> {
  await channel.assertQueue(token.queue, queueOptions(token));
}

export async function bindQueue(channel: Channel, queue: string, binding: Binding): Promise<void> {
  await channel.bindQueue(queue, binding.from, binding.key, bindingArguments(binding));
}

export async function bindExchange(
  channel: Channel,
  exchange: string,
  binding: Binding,
): Promise<void> {
  await channel.bindExchange(exchange, binding.from, binding.key, bindingArguments(binding));
}

export function isQueue(token: Declarable): token is Queue<unknown, unknown> {
  return 'queue' in token;
}

function identityOf({ from, key, arguments: its }: Binding): string {
  return JSON.stringify([from, key, bindingArguments({ arguments: its } as Binding)]);
}
