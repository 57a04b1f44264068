/** Signatures: work to be done, as inert data, with what it wants and what it results in as types. */

import type { TaskOutcome } from '../terms/failure.ts';

declare const INPUT: unique symbol;
declare const OUTPUT: unique symbol;
declare const COMPLETE: unique symbol;

/**
 * Work to be done, as inert data: it can be put in a message, stored, and sent to another process or
 * language. `I` is what it wants from the step before it (contravariant, so a signature that wants
 * nothing fits anywhere), `O` what it results in. It is no promise and has no methods: nothing happens
 * until it is submitted.
 */
export interface Signature<in I = never, out O = unknown> {
  readonly [INPUT]: (previous: I) => void;
  readonly [OUTPUT]: O;
}

/** A signature that lacks nothing: it can be submitted. After another step it ignores that one's result. */
export interface Complete<out O = unknown> extends Signature<unknown, O> {
  readonly [COMPLETE]: true;
}

export type InputOf<S> = S extends Signature<infer I, unknown> ? I : never;
export type OutputOf<S> = S extends Signature<never, infer O> ? O : never;
export type Following<First, O> = First extends Complete
  ? Complete<O>
  : Signature<InputOf<First>, O>;
export type Outputs<T extends readonly unknown[]> = { -readonly [K in keyof T]: OutputOf<T[K]> };
export type Settled<T extends readonly unknown[]> = {
  -readonly [K in keyof T]: TaskOutcome<OutputOf<T[K]>>;
};
/** What all of them want, at once. */
export type CommonInput<T extends readonly unknown[]> = {
  [K in keyof T]: (input: InputOf<T[K]>) => void;
}[number] extends (input: infer I) => void
  ? I
  : never;
export type Joined<T extends readonly unknown[], O> = T extends readonly Complete[]
  ? Complete<O>
  : Signature<CommonInput<T>, O>;
