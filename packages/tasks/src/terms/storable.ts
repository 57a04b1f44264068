/** What the codec takes, as far as types can tell. */

import type { TaskFailure } from './failure.ts';

/**
 * Why `T` cannot be stored, with its place; `never` if it can. Five levels deep, which is as far as one
 * gets before the compiler gives up on recursive types.
 */
type Fault<T, Place extends string, Left extends readonly unknown[]> = 0 extends 1 & T
  ? never
  : T extends TaskFailure
    ? never
    : T extends string | number | bigint | boolean | null | undefined | Date | Uint8Array
      ? never
      : T extends symbol
        ? `${Place} is a symbol`
        : T extends (...args: never) => unknown
          ? `${Place} is a function`
          : T extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
            ? `${Place} is a Map or a Set`
            : T extends RegExp | ArrayBuffer | ArrayBufferView
              ? `${Place} is an instance of a class that is not stored`
              : T extends Error
                ? 'stack' extends keyof T
                  ? `${Place} is an instance of a class that is not stored`
                  : Fields<T, Place, Left>
                : Fields<T, Place, Left>;
type Fields<T, Place extends string, Left extends readonly unknown[]> = Left extends readonly [
  unknown,
  ...infer Rest,
]
  ? T extends readonly (infer V)[]
    ? Fault<V, `${Place}[…]`, Rest>
    : T extends object
      ? {
          [K in keyof T & (string | number)]-?: Fault<T[K], `${Place}.${K}`, Rest>;
        }[keyof T & (string | number)]
      : never
  : never;
type Depth = [1, 1, 1, 1];

/** `unknown` if the codec takes it, as far as types can tell; otherwise a type whose one field says what it does not take. */
export type Storable<A extends readonly unknown[], R> = [
  Fault<A[number], 'an argument', Depth> | Fault<R, 'the result', Depth>,
] extends [never]
  ? unknown
  : {
      readonly [Why in `Cannot be stored: ${
        | Fault<A[number], 'an argument', Depth>
        | Fault<R, 'the result', Depth>}`]: never;
    };
