/** How the type of a message follows from the keys of an exchange and the pattern of a binding. */

import type { HeaderTable } from './header-table.ts';

declare const MESSAGE: unique symbol;

/** By what an exchange chooses whom a message goes to: everybody, an equal key, a pattern of the key, or headers. */
export type ExchangeType = 'fanout' | 'direct' | 'topic' | 'headers';

/** What may be published with which routing key: exact keys, or patterns such as `` `order.${string}` ``. */
export type Routes = { readonly [key: string]: unknown };
/** One type of message whatever the key. */
export type Keyed<M> = { readonly [key: string]: M };

export type KeyOf<R> = keyof R & string;
/** What may be published with the key `K`. */
export type MessageFor<R, K> = K extends keyof R ? R[K] : R[KeyOf<R>];

type Words<S extends string> = S extends ''
  ? []
  : string extends S
    ? string[]
    : S extends `${infer W}.${infer Rest}`
      ? [W, ...(Rest extends '' ? [''] : Words<Rest>)]
      : [S];
type SameWord<P, K> = string extends K
  ? true
  : string extends P
    ? true
    : P extends K
      ? true
      : false;
/** Whether a topic pattern can match a key; where a type knows too little of either, it can. */
type Fits<P extends readonly unknown[], K extends readonly unknown[]> = P extends readonly [
  infer A,
  ...infer Ps,
]
  ? A extends '#'
    ? Fits<Ps, K> extends true
      ? true
      : K extends readonly [unknown, ...infer Ks]
        ? Fits<P, Ks>
        : number extends K['length']
          ? true
          : false
    : K extends readonly [infer B, ...infer Ks]
      ? A extends '*'
        ? Fits<Ps, Ks>
        : SameWord<A, B> extends true
          ? Fits<Ps, Ks>
          : false
      : number extends K['length']
        ? true
        : false
  : K extends readonly []
    ? true
    : number extends P['length']
      ? true
      : number extends K['length']
        ? true
        : false;

type MatchingTopic<R, P extends string> = {
  [K in KeyOf<R>]: Fits<Words<P>, Words<K>> extends true ? R[K] : never;
}[KeyOf<R>];

/** What comes of an exchange of type `T` with the routes `R` through a binding with the key `P`. */
export type Matching<T extends ExchangeType, R, P extends string> = T extends 'topic'
  ? MatchingTopic<R, P>
  : T extends 'direct'
    ? P extends KeyOf<R>
      ? R[P]
      : string extends P
        ? R[KeyOf<R>]
        : never
    : R[KeyOf<R>];

/** What a queue, or another exchange, gets of an exchange. */
export interface Binding<out M = unknown> {
  /** The exchange. */
  readonly from: string;
  /** Exact of a direct exchange, a pattern of a topic one; empty of the others. */
  readonly key: string;
  /** The headers that are wanted, of a headers exchange. */
  readonly arguments: HeaderTable;
  readonly [MESSAGE]: () => M;
}
