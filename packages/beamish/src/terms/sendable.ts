/**
 * What cannot cross to another system, as far as types can tell: functions and symbols, at some depth,
 * and so whatever has methods. What they cannot tell is refused when it is sent.
 */

type Primitive = string | number | bigint | boolean | null | undefined;

/** What has methods, and is carried all the same. */
type Carried =
  | Date
  | RegExp
  | Error
  | ArrayBuffer
  | SharedArrayBuffer
  | ArrayBufferView
  // A Blob, which not every host has.
  | { arrayBuffer(): Promise<ArrayBuffer> };

/** How deep one looks: a type may contain itself. */
type Levels = [1, 1, 1, 1];

type IsAny<T> = 0 extends 1 & T ? true : false;

/** Says where there is something that cannot cross; `never` if there is nothing. */
type Fault<T, Place extends string, Left extends readonly unknown[]> =
  IsAny<T> extends true
    ? never
    : T extends Primitive | Carried
      ? never
      : T extends ((...args: never) => unknown) | (abstract new (...args: never) => unknown)
        ? `${Place} is a function`
        : T extends symbol
          ? `${Place} is a symbol`
          : Left extends readonly [unknown, ...infer Rest]
            ? FaultInside<T, Place, Rest>
            : never;

type FaultInside<T, Place extends string, Left extends readonly unknown[]> =
  T extends ReadonlyMap<infer K, infer V>
    ? Fault<K, `a key of ${Place}`, Left> | Fault<V, `${Place}.get(...)`, Left>
    : T extends ReadonlySet<infer V>
      ? Fault<V, `an item of ${Place}`, Left>
      : T extends readonly (infer V)[]
        ? Fault<V, `${Place}[...]`, Left>
        : T extends object
          ? FaultInField<T, Place, Left>
          : never;

/** Fields under symbols, as the one that gives a pid its type, are not there when it runs. */
type FaultInField<T extends object, Place extends string, Left extends readonly unknown[]> = {
  [K in keyof T & (string | number)]-?: Fault<T[K], `${Place}.${K}`, Left>;
}[keyof T & (string | number)];

type FaultInArguments<
  A extends readonly unknown[],
  Counted extends readonly unknown[] = [1],
> = number extends A['length']
  ? Fault<A[number], 'an argument', Levels>
  : A extends readonly []
    ? never
    : A extends readonly [_?: infer First, ..._: infer Others]
      ?
          | Fault<First, `argument ${Counted['length'] & number}`, Levels>
          | FaultInArguments<Others, [...Counted, 1]>
      : never;

/** Nothing, if arguments of these types can cross; otherwise something that nobody has, whose name says why they cannot. */
export type Crossing<A extends readonly unknown[]> = [FaultInArguments<A>] extends [never]
  ? unknown
  : { readonly [Why in `Cannot cross to another system: ${FaultInArguments<A>}`]: never };
