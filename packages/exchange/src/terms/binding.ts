/** How bindings are made: what a queue, or another exchange, gets of an exchange. */

import { checkShort } from './address.ts';
import type { Exchange } from './exchange.ts';
import { checkHeaders, type HeaderTable, NO_HEADERS } from './header-table.ts';
import type { Binding, ExchangeType, KeyOf, Matching } from './routes.ts';

/** Of a fanout exchange everything. */
export function binding<R extends object>(exchange: Exchange<'fanout', R>): Binding<R[KeyOf<R>]>;
/**
 * Of a direct one a key, of a topic one a pattern. The type of the message follows from it.
 *
 * ```ts
 * const orders = topic<{ 'order.created': Created; 'order.paid': Paid }>('orders');
 * const paid = queue('paid', { bindings: [binding(orders, '*.paid')] }); // Queue<Paid>
 * ```
 *
 * @throws TypeError for a key of more than 255 bytes.
 */
export function binding<T extends 'direct' | 'topic', R extends object, const P extends string>(
  exchange: Exchange<T, R>,
  key: P,
): Binding<Matching<T, R, P>>;
/** Of a headers one what has all of these headers, or any of them. `null` is a header that is there, whatever it is. */
export function binding<R extends object>(
  exchange: Exchange<'headers', R>,
  match: 'all' | 'any',
  wanted: HeaderTable,
): Binding<R[KeyOf<R>]>;
export function binding(
  exchange: Exchange<ExchangeType>,
  keyOrMatch?: string,
  wanted?: HeaderTable,
): Binding {
  const action = `bind to the exchange "${exchange.exchange}"`;
  switch (exchange.type) {
    case 'fanout':
      return made(exchange, '', NO_HEADERS);
    case 'direct':
    case 'topic':
      if (typeof keyOrMatch !== 'string')
        throw new TypeError(`Cannot ${action}: it is of type '${exchange.type}' and needs a key`);
      return made(exchange, checkShort(keyOrMatch, 'a key'), NO_HEADERS);
    case 'headers':
      if ((keyOrMatch !== 'all' && keyOrMatch !== 'any') || wanted === undefined)
        throw new TypeError(
          `Cannot ${action}: it is of type 'headers' and needs 'all' or 'any', and headers`,
        );
      checkHeaders(wanted, action);
      return made(exchange, '', { ...wanted, [MATCH]: keyOrMatch });
  }
}

/** The argument that says whether all or any of the others must be there. */
export const MATCH = 'x-match';

function made(exchange: Exchange, key: string, wanted: HeaderTable): Binding {
  return { from: exchange.exchange, key, arguments: wanted } as Binding;
}
