/** What the user writes of a server: handlers, how they answer, and the types that follow for callers. */

import type { ExitReason } from '../terms/exit-reason.ts';
import type { Step } from '../terms/operation.ts';
import {
  ANYTHING,
  checkOptions,
  checkValue,
  FUNCTION,
  FUNCTIONS,
  having,
  type Kinds,
  type KindsOf,
} from '../terms/options.ts';
import type { Message, ReplyTo } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import type { AnyHandler, ArgsOf, ServerMessage } from '../terms/protocol.ts';
import type { Self } from '../terms/self-types.ts';
import type { Signal } from '../terms/signal.ts';

/** What a server's `init` and handlers have besides `Self`. */
export interface ServerSelf<M extends Message = never> extends Self<M> {
  /** Ends the server after the current handler: `terminate` runs, then the handler's reply is sent. In `init` the start fails with this reason, and `terminate` does not run. */
  stop(reason?: ExitReason): void;
  /** Runs after the current handler and its reply, before anything in the mailbox. */
  continueWith(step: () => unknown): void;
  /** Calls `info.timeout` once if nothing comes within `ms`. */
  idleAfter(ms: number): void;
}

declare const LATER: unique symbol;
/** What a handler returns that answers later (OTP's `noreply`): `later<T>(to => …)` hands out the address; any actor may send the answer to it. */
export interface Later<T> {
  readonly [LATER]: T;
}

/** @see Later */
export function later<T>(keep: (replyTo: ReplyTo<T>) => void): Later<T> {
  checkValue('Cannot answer later', 'what keeps the address', keep, FUNCTION);
  return new LaterReply(keep as (replyTo: ReplyTo) => void) as unknown as Later<T>;
}

export class LaterReply {
  readonly keep: (replyTo: ReplyTo) => void;

  constructor(keep: (replyTo: ReplyTo) => void) {
    this.keep = keep;
  }
}

type Now<R> = R extends Later<infer T> ? T : R;
/** What a caller gets of a handler, whether it is plain, a generator or async, and answers now or later. */
export type ReplyOf<H> = H extends (...args: infer _A) => infer R
  ? R extends Generator<infer _Y, infer T, infer _N>
    ? Now<T>
    : Now<Awaited<R>>
  : never;
/** A caller cannot see whether a handler is plain, generator or async; the pid's type does not say either. */
export type Answers<C> = { [N in keyof C]: (...args: ArgsOf<C[N]>) => ReplyOf<C[N]> };

type InfoHandlers<M extends Message> = {
  readonly [T in (M | Signal)['tag']]?: (
    message: Extract<M | Signal, { readonly tag: T }>,
  ) => unknown;
};
/**
 * Of a server whose `self` says no messages, any tag will do: so the compiler takes it as long as it does not know
 * them, as on its way to the types of the handlers beside. They cannot be sent, for nobody knows of them.
 */
type Info<M extends Message> = InfoHandlers<M> & { readonly timeout?: () => unknown } & ([
    M,
  ] extends [never]
    ? { readonly [tag: string]: unknown }
    : unknown);
/** What no message is called by has no handler either: nothing is handed to it. */
type NoOthers<I, M extends Message> = [M] extends [never]
  ? unknown
  : {
      readonly [T in Exclude<keyof I, (M | Signal)['tag'] | 'timeout'>]: 'no message has this tag';
    };
export type Handlers = Record<string, AnyHandler>;

/** What `init` returns: the server's handlers, and what else there is to say of it. A handler may be plain, async or a generator; the next one begins when it is done. */
export interface ServerDefinition<
  C extends Handlers,
  K extends Handlers,
  M extends Message,
  I = unknown,
> {
  /** By name: what a handler returns is the reply. */
  readonly call?: C;
  /** By name: nobody waits, and what a handler returns is dropped. */
  readonly cast?: K;
  /** All other messages, by tag; `timeout` is called when `idleAfter` says so. */
  readonly info?: I & Info<M> & NoOthers<I, M>;
  /** Runs when the server stops, crashes, or (trapping exits) its parent ends; not on other exit signals. */
  readonly terminate?: (reason: ExitReason) => unknown;
  /** Told to whoever waits for the start, as `extra` of `Started`. */
  readonly extra?: unknown;
  /** What tools may look at and replace, and crash reports show: through `format`, which hides what nobody should read there. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server's state is
  readonly state?: { get(): unknown; set?(state: any): void; format?(state: any): unknown };
}

const DEFINITION: KindsOf<ServerDefinition<Handlers, Handlers, Message>> = {
  call: FUNCTIONS,
  cast: FUNCTIONS,
  info: FUNCTIONS,
  terminate: FUNCTION,
  extra: ANYTHING,
  state: having('get'),
};
const STATE: Kinds = { get: FUNCTION, set: FUNCTION, format: FUNCTION };

/** What `init` has returned. @throws TypeError for what is no definition. */
export function checkDefinition(made: unknown, body: string): void {
  if (typeof made !== 'object' || made === null)
    throw new TypeError(`Server init returned ${show(made)}: it returns its handlers, or 'ignore'`);
  const attempt = `Cannot serve as ${body}`;
  checkOptions(attempt, made, DEFINITION, 'part');
  const { state } = made as { readonly state?: object };
  if (state !== undefined) checkOptions(`${attempt} with its state`, state, STATE, 'function');
}

/** Of what an actor takes, what goes to a server's `info`. */
export type InfoOf<M> = M extends { readonly tag: '$request' } ? never : M;
type ProtocolOf<M> = M extends ServerMessage<infer P> ? P : never;
type Eventually<R> = R | Later<R> | Generator<Step, R | Later<R>, unknown> | Promise<R | Later<R>>;
/** Handlers that keep what a protocol says. */
type Handling<H> = {
  readonly [N in keyof H]: (
    ...args: ArgsOf<H[N]>
  ) => H[N] extends (...args: infer _A) => infer R ? Eventually<R> : never;
};
/** What `serve` is given by an actor that takes `M`. */
export type ServingDefinition<M extends Message> = Omit<
  ServerDefinition<Handlers, Handlers, InfoOf<M>>,
  'call' | 'cast'
> & {
  readonly call?: Handling<ProtocolOf<M>['call']>;
  readonly cast?: Handling<ProtocolOf<M>['cast']>;
};
