/** How the types of a request follow from those of the receiver: of a message that carries `replyTo`, or of a server. */

import type { Message, ReplyTo, Target } from './pid.ts';

declare const PROTOCOL: unique symbol;

// biome-ignore lint/suspicious/noExplicitAny: only the arity and the result of a handler matter here
type AnyHandler = (...args: any[]) => unknown;

export interface Protocol {
  readonly call: object;
  readonly cast: object;
}

/** What a server of protocol `P` takes besides its own info messages. Contravariant: a bigger server serves where a smaller one is wanted. */
export interface ServerMessage<in P extends Protocol> extends Message {
  readonly tag: '$request';
  readonly [PROTOCOL]: (protocol: P) => void;
}
export type ServerAddress<P extends Protocol> = Target<ServerMessage<P>>;

/** What of `M` one can ask with, the reply address left out. */
// biome-ignore lint/suspicious/noExplicitAny: a reply of whatever type
export type Question<M> = M extends { readonly replyTo: ReplyTo<any> } ? Omit<M, 'replyTo'> : never;
export type HandlerName<M> = M extends ServerMessage<infer P> ? keyof P['call'] & string : never;
type HandlerOf<M, K> =
  M extends ServerMessage<infer P> ? (K extends keyof P['call'] ? P['call'][K] : never) : never;
export type ArgsOf<H> = H extends (...args: infer A) => unknown ? A : never;
export type CallArgs<M, Q> = Q extends string ? ArgsOf<HandlerOf<M, Q>> : [];
export type Answer<M, Q> = Q extends string
  ? HandlerOf<M, Q> extends (...args: infer _A) => infer R
    ? R
    : never
  : Q extends { readonly tag: infer T }
    ? Extract<M, { readonly tag: T }> extends { readonly replyTo: ReplyTo<infer R> }
      ? R
      : never
    : never;

/** A request to a server, as it lies in the mailbox. */
export interface ServerRequest extends Message {
  readonly tag: '$request';
  readonly kind: 'call' | 'cast';
  readonly name: string;
  readonly args: readonly unknown[];
  /** Where the reply goes; undefined for a cast. */
  readonly replyTo: ReplyTo<never> | undefined;
}

export type { AnyHandler };
