/**
 * A generic server (OTP's gen_server). `init` makes the handlers, which share its variables as their
 * state; requests and other messages are handled one at a time, in the order in which they came. A
 * handler that waits keeps the mailbox closed until it is done.
 */

import { type ActorCell, isAlive } from '../runtime/actor-cell.ts';
import { startsByInit } from '../runtime/body.ts';
import type { Body, Self } from '../runtime/context.ts';
import { type ExitReason, reasonOfThrown } from '../runtime/exit-reason.ts';
import type { Actor, Step } from '../runtime/operation.ts';
import type { Address, Message, ReplyTo } from '../runtime/pid.ts';
import type { AnyHandler, ArgsOf, ServerMessage, ServerRequest } from '../runtime/protocol.ts';
import { cellOfSelf } from '../runtime/self.ts';
import type { Exit, Signal } from '../runtime/signal.ts';
import { failStart, initialised } from '../runtime/spawning.ts';

/** What a server's `init` and handlers have besides `Self`. */
export interface ServerSelf<M extends Message = never> extends Self<M> {
  /** Ends the server after the current handler: `terminate` runs, then the handler's reply is sent. */
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
  return new LaterReply(keep as (replyTo: ReplyTo) => void) as unknown as Later<T>;
}

class LaterReply {
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
type Handlers = Record<string, AnyHandler>;

export interface ServerDefinition<C extends Handlers, K extends Handlers, M extends Message> {
  readonly call?: C;
  readonly cast?: K;
  readonly info?: InfoHandlers<M> & { readonly timeout?: () => unknown };
  /** Runs when the server stops, crashes, or (trapping exits) its parent ends; not on other exit signals. */
  readonly terminate?: (reason: ExitReason) => unknown;
  /** What tools may look at and replace. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server's state is
  readonly state?: { get(): unknown; set?(state: any): void };
}

/**
 * A generic server. `init` runs in the new actor with its arguments, keeps the state in its own
 * variables, and returns the handlers, or `'ignore'`. Handlers may be plain, generator or async
 * functions; the next message is taken only when the one before has been handled. Only own properties
 * of `call` and `cast` can be asked for. A handler that throws, or is asked for and not there, ends
 * the server with that error, and the caller's call fails with it.
 *
 * ```ts
 * const counter = server((self, start: number) => {
 *   let n = start;
 *   return { call: { get: () => n }, cast: { add: (k: number) => { n += k; } } };
 * });
 * const pid = await system.start(counter, 10);
 * system.cast(pid, 'add', 5);
 * await system.call(pid, 'get'); // 15
 * ```
 */
export function server<
  A extends unknown[],
  C extends Handlers = Record<never, never>,
  K extends Handlers = Record<never, never>,
  M extends Message = never,
>(
  init: (
    self: ServerSelf<M>,
    ...args: A
  ) =>
    | ServerDefinition<C, K, M>
    | 'ignore'
    | Generator<Step, ServerDefinition<C, K, M> | 'ignore', unknown>
    | Promise<ServerDefinition<C, K, M> | 'ignore'>,
): Body<ServerMessage<{ call: Answers<C>; cast: Answers<K> }> | M, A, void> {
  const body = (self: Self<Message>, ...args: A): Actor =>
    serve(self, (serverSelf) => init(serverSelf as unknown as ServerSelf<M>, ...args));
  Object.defineProperty(body, 'name', { value: init.name === '' ? 'server' : init.name });
  return startsByInit(body) as unknown as Body<
    ServerMessage<{ call: Answers<C>; cast: Answers<K> }> | M,
    A,
    void
  >;
}

type AnyDefinition = ServerDefinition<Handlers, Handlers, Message>;

/** What the handlers have asked for, until it is done. */
interface Wishes {
  stop: { readonly reason: ExitReason } | undefined;
  idleMs: number | undefined;
  readonly continuations: (() => unknown)[];
}

function* serve(self: Self<Message>, init: (self: ServerSelf<Message>) => unknown): Actor {
  const cell = cellOfSelf(self);
  const wishes: Wishes = { stop: undefined, idleMs: undefined, continuations: [] };
  const definition = yield* settled(self, init(withWishes(self, wishes)));
  if (definition === 'ignore') return failStart(cell, 'ignore');
  if (typeof definition !== 'object' || definition === null) {
    throw new TypeError(
      `Server init returned ${String(definition)}: it returns its handlers, or 'ignore'`,
    );
  }
  initialised(cell);
  const reason = yield* untilStopped(self, cell, definition as AnyDefinition, wishes);
  if (reason !== 'normal') self.exit(reason);
}

function withWishes(self: Self<Message>, wishes: Wishes): ServerSelf<Message> {
  return Object.assign(self, {
    stop(reason: ExitReason = 'normal') {
      wishes.stop ??= { reason };
    },
    continueWith(step: () => unknown) {
      wishes.continuations.push(step);
    },
    idleAfter(ms: number) {
      wishes.idleMs = ms;
    },
  });
}

/**
 * Handles messages until there is a reason to stop, and returns it; `terminate` has run by then. One
 * generator for all messages: another one for each would cost as much as the message.
 */
function* untilStopped(
  self: Self<Message>,
  cell: ActorCell,
  definition: AnyDefinition,
  wishes: Wishes,
): Generator<Step, ExitReason, unknown> {
  let terminated = false;
  try {
    for (;;) {
      while (wishes.continuations.length > 0 && wishes.stop === undefined) {
        yield* settled(self, wishes.continuations.shift()?.());
      }
      if (wishes.stop !== undefined && !terminated) {
        terminated = true;
        yield* terminate(self, definition, wishes.stop.reason);
      }
      if (wishes.stop !== undefined) return wishes.stop.reason;

      const { idleMs } = wishes;
      wishes.idleMs = undefined;
      const message =
        idleMs === undefined ? yield* self.receive() : yield* self.receive().after(idleMs);
      let value = handle(self, cell, definition, wishes, message);
      if (mustWait(value)) value = yield* settled(self, value);
      if (message?.tag !== '$request') continue;

      // OTP's order: who asked a server that stops hears its reply when `terminate` is done.
      if (wishes.stop !== undefined) {
        terminated = true;
        yield* terminate(self, definition, (wishes.stop as { reason: ExitReason }).reason);
      }
      const { replyTo } = message as ServerRequest;
      if (replyTo === undefined) continue;
      if (value instanceof LaterReply) value.keep(replyTo);
      else self.send(replyTo as Address<unknown>, value);
    }
  } catch (error) {
    // A handler's failure is the server's, but it may clean up first. One that was ended may not.
    if (isAlive(cell) && !terminated) yield* terminate(self, definition, reasonOfThrown(error));
    throw error;
  }
}

/** Calls the handler of a message, and returns what it returned. */
function handle(
  self: Self<Message>,
  cell: ActorCell,
  definition: AnyDefinition,
  wishes: Wishes,
  message: Message | undefined,
): unknown {
  if (message === undefined) return definition.info?.timeout?.();
  if (message.tag === '$request') {
    const { kind, name, args } = message as ServerRequest;
    const handlers = definition[kind];
    if (handlers === undefined || !Object.hasOwn(handlers, name)) {
      throw new TypeError(`Server ${String(self.pid)} has no ${kind} handler "${name}"`);
    }
    return (handlers[name] as AnyHandler)(...args);
  }
  // A parent's end is its children's, if they see it coming.
  if (message.tag === 'EXIT' && (message as Exit).from === self.parent) {
    wishes.stop ??= { reason: (message as Exit).reason };
    return undefined;
  }
  const info = definition.info as Record<string, AnyHandler> | undefined;
  if (info !== undefined && message.tag !== 'timeout' && Object.hasOwn(info, message.tag)) {
    return (info[message.tag] as AnyHandler)(message);
  }
  cell.home.reports.deadLetter(undefined, self.pid, message, 'unhandled');
  return undefined;
}

function mustWait(value: unknown): value is Actor<unknown> | PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && (isGenerator(value) || isThenable(value));
}

function isGenerator(value: object): value is Actor<unknown> {
  const { next, throw: raise } = value as Partial<Actor<unknown>>;
  return typeof next === 'function' && typeof raise === 'function';
}

function isThenable(value: object): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>>).then === 'function';
}

/** What a function came to that may be plain, a generator or async. */
function* settled(self: Self<Message>, value: unknown): Generator<Step, unknown, unknown> {
  if (!mustWait(value)) return value;
  return isGenerator(value) ? yield* value : yield* self.wait(value);
}

/** An error in `terminate` is the new exit reason; a value that it throws is not. */
function* terminate(
  self: Self<Message>,
  definition: AnyDefinition,
  reason: ExitReason,
): Generator<Step, void, unknown> {
  try {
    yield* settled(self, definition.terminate?.(reason));
  } catch (error) {
    if (error instanceof Error) throw error;
  }
}
