/** What a broker knows of an exchange. */

import type { Name } from 'beamish';
import { type BrokerAddress, exchangeAddress, type Publishing } from '../terms/address.ts';
import { type Codec, json } from '../terms/codec.ts';
import type { Exchange, ExchangeOptions } from '../terms/exchange.ts';
import type { Binding, ExchangeType } from '../terms/routes.ts';
import { BindingTable } from './binding-table.ts';
import type { Shelf } from './shelf.ts';

/** What can be bound to an exchange: a queue, or another exchange. */
export type Bindable = Shelf | ExchangeRecord;

export class ExchangeRecord {
  readonly exchange: string;
  readonly type: ExchangeType;
  /** Those of the latest declaration: they can only differ in code. */
  options: ExchangeOptions;
  readonly table: BindingTable<Bindable>;
  readonly address: Name<Publishing>;
  /** The exchanges that it is bound to. */
  boundTo: Set<object> | undefined = undefined;
  /** How many exchanges are bound to it. */
  links = 0;

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

  /** Whether it was not bound so. */
  bind(binding: Binding, who: Bindable): boolean {
    const isFirst = !this.table.has(who);
    if (!this.table.add(binding, who)) return false;
    who.boundTo ??= new Set();
    who.boundTo.add(this);
    if (isFirst && who instanceof ExchangeRecord) this.links++;
    return true;
  }

  /** Whether it was bound so. */
  unbind(binding: Binding, who: Bindable): boolean {
    if (!this.table.remove(binding, who)) return false;
    if (!this.table.has(who)) this.#left(who);
    return true;
  }

  unbindAll(who: Bindable): void {
    if (!this.table.has(who)) return;
    this.table.removeAll(who);
    this.#left(who);
  }

  #left(who: Bindable): void {
    who.boundTo?.delete(this);
    if (who instanceof ExchangeRecord) this.links--;
  }
}

/** Those through which what is published can come here, this one too: by bindings, or as their alternate. */
export function leadingTo(
  record: ExchangeRecord,
  all: ReadonlyMap<string, ExchangeRecord>,
): ReadonlySet<ExchangeRecord> {
  const leading = new Set([record]);
  // It grows while it is walked.
  for (const each of leading) {
    for (const source of each.boundTo ?? []) leading.add(source as ExchangeRecord);
    for (const other of all.values())
      if (other.options.alternate?.exchange === each.exchange) leading.add(other);
  }
  return leading;
}
