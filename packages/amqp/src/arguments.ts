/** What is declared, as RabbitMQ is told it. */

import type { Binding, Exchange, Queue } from '@beamish/exchange';
import type { Options } from 'amqplib';
import { toFields } from './field-table.ts';

export function exchangeOptions({ options }: Exchange): Options.AssertExchange {
  const { durable = false, autoDelete = false, alternate } = options;
  return {
    durable,
    autoDelete,
    ...(alternate === undefined ? {} : { alternateExchange: alternate.exchange }),
  };
}

export function queueOptions({ options }: Queue<unknown, unknown>): Options.AssertQueue {
  const { durable = false, lifetime, priorities = 1, ttl, limit, deadLetter } = options;
  const its: Record<string, unknown> = {
    'x-max-priority': priorities > 1 ? priorities - 1 : undefined,
    'x-message-ttl': ttl?.messageMs,
    'x-expires': ttl?.queueMs,
    'x-max-length': limit?.messages,
    'x-max-length-bytes': limit?.bytes,
    'x-overflow':
      limit === undefined
        ? undefined
        : limit.overflow === 'drop_head'
          ? 'drop-head'
          : 'reject-publish',
    'x-dead-letter-exchange': deadLetter?.exchange.exchange,
    'x-dead-letter-routing-key': deadLetter?.key,
    'x-single-active-consumer': options.singleActiveConsumer === true ? true : undefined,
  };
  return {
    durable,
    exclusive: lifetime === 'exclusive',
    autoDelete: lifetime === 'auto_delete',
    arguments: Object.fromEntries(Object.entries(its).filter(([, value]) => value !== undefined)),
  };
}

export function bindingArguments(binding: Binding): Record<string, unknown> {
  return toFields(binding.arguments);
}
