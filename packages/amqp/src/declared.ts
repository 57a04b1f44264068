/** What this program has declared: it is declared again on each new connection, and its codecs and schemas are known by it. */

import { type Binding, type Declarable, type Exchange, json, type Queue } from '@beamish/exchange';
import { DEFAULT_EXCHANGE, quarantinedQueue } from '@beamish/exchange/engine';
import type { Channel } from 'amqplib';
import type { Pid } from 'beamish';
import { bindingArguments, exchangeOptions, queueOptions } from './arguments.ts';

export interface DeclaredQueue {
  readonly token: Queue<unknown, unknown>;
  /** Whose it is, if it is exclusive. */
  readonly owner: Pid | undefined;
  /** By what tells them apart. */
  readonly bindings: Map<string, Binding>;
}

export class Declared {
  readonly exchanges = new Map<string, Exchange>();
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

  removeExchange(exchange: string): void {
    this.exchanges.delete(exchange);
    for (const { bindings } of this.queues.values())
      for (const [key, { from }] of bindings) if (from === exchange) bindings.delete(key);
  }

  /** The queue whose quarantine it is, if it is one's. */
  baseOf(queue: string): DeclaredQueue | undefined {
    return this.queues.get(quarantinedQueue(queue) ?? '');
  }

  /** All again: the exchanges first. */
  async again(channel: Channel): Promise<void> {
    for (const exchange of this.exchanges.values()) await assertExchange(channel, exchange);
    for (const { token, bindings } of this.queues.values()) {
      await assertQueue(channel, token);
      for (const binding of bindings.values()) await bindQueue(channel, token.queue, binding);
    }
  }
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

export function isQueue(token: Declarable): token is Queue<unknown, unknown> {
  return 'queue' in token;
}

function identityOf({ from, key, arguments: its }: Binding): string {
  return JSON.stringify([from, key, bindingArguments({ arguments: its } as Binding)]);
}
