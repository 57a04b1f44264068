/** The supervision tree of a broker in this process. */

import {
  type Body,
  type ChildSpec,
  child,
  type MessageOf,
  type Name,
  name,
  type ServerMessage,
  type ServerSelf,
  type Supervisor,
  server,
  supervisor,
} from 'beamish';
import { seamsOf } from 'beamish/transport';
import { BROKER, type BrokerAddress } from '../terms/address.ts';
import type { BrokerOptions } from '../terms/broker-options.ts';
import { front, type HasShelves } from './front.ts';
import type { Ledger } from './ledger.ts';
import { Shelves } from './shelves.ts';

/** More restarts than these within 5 s end the broker, and it is its supervisor's affair. */
const INTENSITY = 5;
const PERIOD_MS = 5000;
/** Those of single queues and exchanges, of which there may be many. */
const INTENSITY_OF_MANY = 20;

/** The answer of the actor that keeps what is durable. */
export interface HasLedger {
  readonly tag: '$ledger';
  readonly ledger: Ledger;
  /** Puts what is kept onto shelves that are new. */
  restore(shelves: Shelves): void;
}

type LedgerKeeper = ServerMessage<{ call: { ledger(): HasLedger }; cast: object }>;

/** The actor that keeps what is durable; without one nothing is. */
export interface Keeper {
  readonly name: Name<LedgerKeeper>;
  readonly spec: ChildSpec;
}

export function brokerTree(options: BrokerOptions, keeper?: Keeper): Body<Supervisor, [], void> {
  const { topology = [], name: broker = BROKER, wire = 'share' } = options;
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
      ...(keeper === undefined ? [] : [keeper.spec]),
      child(
        { id: 'shelves', name: its('shelves') },
        shelvesServer,
        broker,
        wire === 'encode',
        keeper?.name,
      ),
      child({ id: 'queues', name: its('queues') }, many),
      child({ id: 'exchanges', name: its('exchanges') }, many),
      child({ id: 'front', name: broker as never }, front, served),
    ],
  });
}

/** @throws TypeError for what a broker in this process cannot be asked for. */
export function checkOptions({ wire, topology = [] }: BrokerOptions, hasDisk: boolean): void {
  if (wire !== undefined && wire !== 'share' && wire !== 'encode')
    throw new TypeError(`Cannot make a broker: wire is 'share' or 'encode', not ${String(wire)}`);
  for (const each of topology) {
    if (!('queue' in each)) continue;
    if (each.options.durable === true && !hasDisk) {
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
}

/** Owns what the broker knows: with it, all of that is gone, but for what is kept. */
const shelvesServer = server(function* (
  self: ServerSelf,
  broker: BrokerAddress,
  isEncoding: boolean,
  keeper: Name<LedgerKeeper> | undefined,
) {
  const { system, incarnation, serial } = self.pid;
  const kept = keeper === undefined ? undefined : yield* self.call(keeper, 'ledger');
  const shelves = new Shelves({
    // With its system, since it goes to others.
    broker: name(broker.name, system),
    isEncoding,
    time: seamsOf(self),
    life: `${incarnation.toString(36)}-${serial.toString(36)}`,
    ledger: kept?.ledger,
  });
  kept?.restore(shelves);
  return { call: { get: (): HasShelves => ({ tag: '$shelves', shelves }) } };
});
