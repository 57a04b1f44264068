/**
 * Where a broker and its exchanges are reached: by names, so that a token stays good across restarts
 * and threads. An exchange's begins with its broker's.
 */

import { type Message, type Name, name } from 'beamish';
import { reserveTags } from 'beamish/transport';

// What the actors of an engine pass among themselves is no message of the program's.
reserveTags('$broker', '$publish', '$published', '$not_published', '$not_encoded', '$answered');
reserveTags('$settle', '$reply', '$done', '$refused', '$flush', '$ledger', '$happened', '$shelves');
reserveTags('$owned', '$used', '$wake', '$gone', '$made');

/** What a broker takes: engine's own. */
export interface Broker extends Message {
  readonly tag: '$broker';
}

/** What the actor of an exchange takes: engine's own. */
export interface Publishing extends Message {
  readonly tag: '$publish';
}

/** A broker by its name; for one in another thread `name('broker', 'main')`. */
export type BrokerAddress = Name<Broker>;

/** The name that a broker has unless it is given another. */
export const BROKER: Name<Broker> = name<Broker>('broker');

const MAX_NAME_BYTES = 255;
const encoder = new TextEncoder();

/** The name of the actor that takes what is published to the exchange; the default exchange has the name `''`. */
export function exchangeAddress(broker: BrokerAddress, exchange: string): Name<Publishing> {
  return name<Publishing>(`${broker.name}/exchange/${exchange}`, broker.system);
}

/** The name of the actor of a queue, in one life of the broker: what is left of another one is not for it. */
export function queueAddress(broker: BrokerAddress, life: string, queue: string): Name<Message> {
  // In one piece: a string that is put together by a template keeps its parts, for each of many queues.
  return name<Message>([broker.name, 'queue', life, queue].join('/'), broker.system);
}

/** Whose queue has this address. */
export function brokerOfQueue(address: Name, queue: string): BrokerAddress {
  const upToLife = address.name.slice(0, -`/${queue}`.length);
  const upToBroker = upToLife.slice(0, upToLife.lastIndexOf('/') - '/queue'.length);
  return name<Broker>(upToBroker, address.system);
}

/** @throws TypeError for what is no broker's name. */
export function checkBroker(broker: BrokerAddress, what: string): BrokerAddress {
  if (typeof (broker as Partial<BrokerAddress> | undefined)?.name === 'string') return broker;
  throw new TypeError(
    `Cannot make ${what}: its broker is a name, as made by name(…), not ${String(broker)}`,
  );
}

/** AMQP's short string: of a name, or a routing key. @throws TypeError for more than 255 bytes of UTF-8. */
export function checkShort(value: string, what: string): string {
  if (typeof value !== 'string') throw new TypeError(`Cannot take ${String(value)} as ${what}`);
  // A character has at most three bytes for each of its UTF-16 units.
  if (value.length * 3 > MAX_NAME_BYTES && encoder.encode(value).length > MAX_NAME_BYTES) {
    throw new TypeError(
      `Cannot take "${value.slice(0, 20)}…" as ${what}: it has ${encoder.encode(value).length} bytes of UTF-8, and may have ${MAX_NAME_BYTES}`,
    );
  }
  return value;
}
