/**
 * A generic server (OTP's gen_server). `init` makes the handlers, which share its variables as their
 * state; requests and other messages are handled one at a time, in the order in which they came. A
 * handler that waits keeps the mailbox closed until it is done.
 */

import { failStart, initialised } from '../operations/starting.ts';
import { asyncCode } from '../operations/waiting.ts';
import { checkTimeout } from '../signals/timers.ts';
import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import { coldStateOf } from '../state/cold-state.ts';
import { MADE } from '../state/status.ts';
import { cellOfSelf } from '../system/self.ts';
import { type ExitReason, reasonOfThrown } from '../terms/exit-reason.ts';
import type { Actor, Operation, Step } from '../terms/operation.ts';
import { checkValue, FUNCTION } from '../terms/options.ts';
import type { Address, Message } from '../terms/pid.ts';
import { isError } from '../terms/printable.ts';
import type { AnyHandler, ServerMessage, ServerRequest } from '../terms/protocol.ts';
import type { Body, Self } from '../terms/self-types.ts';
import type { Exit } from '../terms/signal.ts';
import { bodyName, startsByInit } from '../terms/spawnable.ts';
import { forgotten } from '../turn/forgotten.ts';
import {
  type Answers,
  checkDefinition,
  type Handlers,
  type InfoOf,
  LaterReply,
  type ServerDefinition,
  type ServerSelf,
  type ServingDefinition,
} from './server-definition.ts';
import { attend, type SystemRequest } from './system-messages.ts';

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
  I = unknown,
>(
  init: (
    self: ServerSelf<M>,
    ...args: A
  ) =>
    | ServerDefinition<C, K, M, I>
    | 'ignore'
    | Generator<Step, ServerDefinition<C, K, M, I> | 'ignore', unknown>
    | Promise<ServerDefinition<C, K, M, I> | 'ignore'>,
): Body<ServerMessage<{ call: Answers<C>; cast: Answers<K> }> | M, A, void> {
  checkValue('Cannot make a server', 'its init', init, FUNCTION);
  const body = (self: Self<Message>, ...args: A): Actor =>
    becomeServer(self, (serverSelf) => init(serverSelf as unknown as ServerSelf<M>, ...args));
  Object.defineProperty(body, 'name', { value: init.name === '' ? 'server' : init.name });
  return startsByInit(body) as unknown as Body<
    ServerMessage<{ call: Answers<C>; cast: Answers<K> }> | M,
    A,
    void
  >;
}

/**
 * Makes a server of an actor that is already at work (OTP's enter_loop): what is in its mailbox is
 * handled first. It never returns: the actor ends when the server stops. The types of the handlers
 * follow from what `self` takes.
 *
 * ```ts
 * function* cache(self: Self<ServerMessage<{ call: { size(): number }; cast: object }>>): Actor {
 *   const entries = yield* load(self);
 *   yield* serve(self, () => ({ call: { size: () => entries.size } }));
 * }
 * ```
 */
export function serve<M extends Message>(
  self: Self<M>,
  init: (self: ServerSelf<InfoOf<M>>) => ServingDefinition<M>,
): Actor<never> {
  checkValue('Cannot serve', 'the init', init, FUNCTION);
  return becomeServer(
    self as unknown as Self<Message>,
    init as unknown as (self: ServerSelf<Message>) => unknown,
  );
}

type AnyDefinition = ServerDefinition<Handlers, Handlers, Message>;

/** What the handlers have asked for, until it is done. */
interface Wishes {
  stop: { readonly reason: ExitReason } | undefined;
  idleMs: number | undefined;
  readonly continuations: (() => unknown)[];
}

/**
 * Initialises, and then handles messages until there is a reason to stop. One generator for all: each
 * further one that a resumed actor has to go through would cost as much as its message.
 */
function* becomeServer(
  self: Self<Message>,
  init: (self: ServerSelf<Message>) => unknown,
): Actor<never> {
  const cell = cellOfSelf(self);
  const wishes: Wishes = { stop: undefined, idleMs: undefined, continuations: [] };
  const made = yield* settled(self, init(withWishes(self, wishes)));
  const early = wishes.stop as Wishes['stop'];
  if (early !== undefined) self.exit(early.reason);
  if (made === 'ignore') {
    failStart(cell, 'ignore');
    self.exit('normal');
  }
  checkDefinition(made, bodyName(cell.body));
  const definition = made as AnyDefinition;
  const { state } = definition;
  if (state !== undefined) {
    coldStateOf(cell).showState = () =>
      state.format === undefined ? state.get() : state.format(state.get());
  }
  initialised(cell, definition.extra);

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
      if (wishes.stop !== undefined) return self.exit(wishes.stop.reason);

      const { idleMs } = wishes;
      wishes.idleMs = undefined;
      const message =
        idleMs === undefined ? yield* self.receive() : yield* self.receive().after(idleMs);
      let value = handle(self, cell, definition, wishes, message);
      if (mustWait(value)) value = yield* settled(self, value);
      if (cell.status === MADE) throw forgotten(cell);
      if (message?.tag !== '$request') {
        // A tool that looks is nothing that came.
        if (message?.tag === '$system') wishes.idleMs ??= idleMs;
        continue;
      }

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

function withWishes(self: Self<Message>, wishes: Wishes): ServerSelf<Message> {
  return Object.assign(self, {
    stop(reason: ExitReason = 'normal') {
      wishes.stop ??= { reason };
    },
    continueWith(step: () => unknown) {
      checkValue('Cannot continue', 'the step', step, FUNCTION);
      wishes.continuations.push(step);
    },
    idleAfter(ms: number) {
      wishes.idleMs = checkTimeout(ms, 'be idle for');
    },
  });
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
  if (message.tag === '$system')
    return attendTo(self, definition, wishes, message as unknown as SystemRequest);
  // A parent's end is its children's, if they see it coming.
  if (message.tag === 'EXIT' && (message as Exit).from === self.parent) {
    wishes.stop ??= { reason: (message as Exit).reason };
    return undefined;
  }
  const info = definition.info as Record<string, AnyHandler> | undefined;
  if (info !== undefined && message.tag !== 'timeout' && Object.hasOwn(info, message.tag)) {
    return (info[message.tag] as AnyHandler)(message);
  }
  cell.system.reports.deadLetter(undefined, self.pid, message, 'unhandled');
  return undefined;
}

function* attendTo(
  self: Self<Message>,
  { state }: AnyDefinition,
  wishes: Wishes,
  request: SystemRequest,
): Actor {
  const ending = yield* attend(self, request, state);
  if (ending !== undefined) wishes.stop ??= ending;
}

export function mustWait(
  value: unknown,
): value is Actor<unknown> | Operation<unknown> | PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && (isGenerator(value) || isThenable(value));
}

export function isGenerator(value: object): value is Actor<unknown> {
  const { next, throw: raise } = value as Partial<Actor<unknown>>;
  return typeof next === 'function' && typeof raise === 'function';
}

export function isThenable(value: object): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>>).then === 'function';
}

/** What a function came to that may be plain, a generator or async, or return an operation. */
export function* settled(self: Self<Message>, value: unknown): Generator<Step, unknown, unknown> {
  if (!mustWait(value)) return value;
  return Symbol.iterator in value ? yield* value : yield* asyncCode(cellOfSelf(self), value);
}

/** An error in `terminate` is the new exit reason; a value that it throws is not. */
export function* terminate(
  self: Self<Message>,
  definition: Pick<AnyDefinition, 'terminate'>,
  reason: ExitReason,
): Generator<Step, void, unknown> {
  try {
    yield* settled(self, definition.terminate?.(reason));
  } catch (error) {
    if (isError(error)) throw error;
  }
}
