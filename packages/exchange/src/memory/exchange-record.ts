/** What a broker knows of an exchange. */

import type { Name } from 'beamish';
import { type BrokerAddress, exchangeAddress, type Publishing } from '../terms/address.ts';
import { type Codec, json } from '../terms/codec.ts';
import type { Exchange, ExchangeOptions } from '../terms/exchange.ts';
import type { ExchangeType } from '../terms/routes.ts';
import { BindingTable } from './binding-table.ts';
import type { Shelf } from './shelf.ts';

export class ExchangeRecord {
  readonly exchange: string;
  readonly type: ExchangeType;
  /** Those of the latest declaration: they can only differ in code. */
  options: ExchangeOptions;
  readonly table: BindingTable<Shelf>;
  readonly address: Name<Publishing>;

  constructor({ exchange, type, options }: Exchange, broker: BrokerAddress) {
    this.exchange = exchange;
    this.type = type;
    this.options = options;
    this.table = new BindingTable(type);
    this.address = exchangeAddress(broker, exchange);
  }

  get codec(): Codec<unknown> {
    return this.options.codec ?? json;
  }

  get isDurable(): boolean {
    return this.options.durable === true;
  }
}
