/** @beamish/exchange: exchanges and queues for actors, in the words of AMQP. */

export { broker } from './broker.ts';
export { BROKER, type Broker, type BrokerAddress } from './terms/address.ts';
export { binding } from './terms/binding.ts';
export type { BrokerOptions, Engine } from './terms/broker-options.ts';
export { bytes, type Codec, json, text } from './terms/codec.ts';
export { BrokerRefused, PublishFailed } from './terms/errors.ts';
export type { BrokerEvent } from './terms/events.ts';
export {
  direct,
  type Exchange,
  type ExchangeOptions,
  fanout,
  headers,
  topic,
} from './terms/exchange.ts';
export type { HeaderTable, HeaderValue } from './terms/header-table.ts';
export type {
  Cancelled,
  Consumption,
  Death,
  DeliveredProperties,
  Deliveries,
  Delivery,
  Properties,
  Settlement,
} from './terms/messages.ts';
export type { Declarable } from './terms/protocol.ts';
export type { Destination, PublishArgs, PublishBase } from './terms/publish-options.ts';
export { type Queue, type QueueOptions, quarantineOf, queue } from './terms/queue.ts';
export type { Binding, ExchangeType, Keyed, Routes } from './terms/routes.ts';
export type { StandardSchema } from './terms/schema.ts';
export { ask, reply } from './verbs/ask.ts';
export { type ConsumeOptions, cancel, consume, subscribe } from './verbs/consume.ts';
export { consumer, type Handled } from './verbs/consumer.ts';
export { emit, type Published, publish, publishAll, publishing } from './verbs/publish.ts';
export { ack, reject, requeue } from './verbs/settle.ts';
export {
  bind,
  declare,
  deleteExchange,
  deleteQueue,
  inspect,
  purge,
  type QueueInfo,
  redeliver,
  unbind,
} from './verbs/topology.ts';
export { watch } from './verbs/watch.ts';
