/** The engine in this process: exchanges and queues in memory. */

import {
  type Body,
  child,
  type MessageOf,
  name,
  type ServerSelf,
  type Supervisor,
  server,
  supervisor,
} from 'beamish';
import { seamsOf } from 'beamish/transport';
import { BROKER, type BrokerAddress } from '../terms/address.ts';
import type { BrokerOptions, Engine } from '../terms/broker-options.ts';
import { front, type HasShelves } from './front.ts';
import { Shelves } from './shelves.ts';

/** More restarts than these within 5 s end the broker, and it is its supervisor's affair. */
const INTENSITY = 5;
const PERIOD_MS = 5000;
/** Those of single queues and exchanges, of which there may be many. */
const INTENSITY_OF_MANY = 20;

export const memory: Engine = {
  schemes: ['memory'],
  start(options: BrokerOptions): Body<Supervisor, [], void> {
    const { topology = [], name: broker = BROKER, wire = 'share' } = options;
    if (wire !== 'share' && wire !== 'encode')
      throw new TypeError(`Cannot make a broker: wire is 'share' or 'encode', not ${String(wire)}`);
    for (const each of topology) {
      if (!('queue' in each)) continue;
      if (each.options.durable === true) {
        throw new TypeError(
          `Cannot make a broker in memory with the durable queue "${each.queue}": it and its messages would be gone with the process; use a url of file: or amqp:`,
        );
      }
      if (each.options.lifetime === 'exclusive') {
        throw new TypeError(
          `Cannot make a broker with the exclusive queue "${each.queue}" in its topology: such a queue is of the actor that declares it`,
        );
      }
    }
    const its = (what: string) => `${broker.name}/${what}`;
    const many = supervisor({ intensity: INTENSITY_OF_MANY, periodMs: PERIOD_MS, children: [] });
    const served = {
      topology,
      shelves: name<MessageOf<typeof shelvesServer>>(its('shelves')),
      queues: name<Supervisor>(its('queues')),
      exchanges: name<Supervisor>(its('exchanges')),
    };
    return supervisor({
      strategy: 'rest_for_one',
      intensity: INTENSITY,
      periodMs: PERIOD_MS,
      children: [
        child({ id: 'shelves', name: its('shelves') }, shelvesServer, broker, wire === 'encode'),
        child({ id: 'queues', name: its('queues') }, many),
        child({ id: 'exchanges', name: its('exchanges') }, many),
        child({ id: 'front', name: broker as never }, front, served),
      ],
    });
  },
};

/** Owns what the broker knows: with it, all of that is gone. */
const shelvesServer = server((self: ServerSelf, broker: BrokerAddress, isEncoding: boolean) => {
  const { system, incarnation, serial } = self.pid;
  const life = `${incarnation.toString(36)}-${serial.toString(36)}`;
  const shelves = new Shelves({
    // With its system, since it goes to others.
    broker: name(broker.name, system),
    isEncoding,
    time: seamsOf(self),
    life,
  });
  return { call: { get: (): HasShelves => ({ tag: '$shelves', shelves }) } };
});
