/** How the types of a request follow from those of the receiver: of a message that carries `replyTo`, or of a server. */

import type { Message, ReplyTo, Target } from './pid.ts';

declare const PROTOCOL: unique symbol;

// biome-ignore lint/suspicious/noExplicitAny: only the arity and the result of a handler matter here
type AnyHandler = (...args: any[]) => unknown;

/** What a server can be asked: functions by name, of what a call or a cast carries; what one returns is the reply. */
export interface Protocol {
  /** What is asked and waited for. */
  readonly call: object;
  /** What is asked, and not waited for. */
  readonly cast: object;
}

/** What a server of protocol `P` takes besides its own info messages. Contravariant: a bigger server serves where a smaller one is wanted. */
export interface ServerMessage<in P extends Protocol> extends Message {
  /** The runtime's own; it is answered by a server's handlers, and no actor receives it by hand. */
  readonly tag: '$request';
  readonly [PROTOCOL]: (protocol: P) => void;
}
/** A server of protocol `P`, by pid or name. */
export type ServerAddress<P extends Protocol> = Target<ServerMessage<P>>;

/** What of `M` one can ask with, the reply address left out. */
// biome-ignore lint/suspicious/noExplicitAny: a reply of whatever type
export type Question<M> = M extends { readonly replyTo: ReplyTo<any> } ? Omit<M, 'replyTo'> : never;
/** The names under which one can call an actor that takes `M`, if it is a server. */
export type HandlerName<M> = M extends ServerMessage<infer P> ? keyof P['call'] & string : never;
type HandlerOf<M, K> =
  M extends ServerMessage<infer P> ? (K extends keyof P['call'] ? P['call'][K] : never) : never;
/** The arguments of a handler. */
export type ArgsOf<H> = H extends (...args: infer A) => unknown ? A : never;
/** What follows `what` in a call: the arguments of a server's handler, or nothing after a message. */
export type CallArgs<M, Q> = Q extends string ? ArgsOf<HandlerOf<M, Q>> : [];
/** What a call of `Q` to an actor that takes `M` is answered with: the type comes from the receiver. */
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
