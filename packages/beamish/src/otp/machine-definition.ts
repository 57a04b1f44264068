/** What the user writes of a state machine: its states, what each does with an event, and what comes of it. */

import type { ExitReason } from '../terms/exit-reason.ts';
import type { Step } from '../terms/operation.ts';
import {
  ANYTHING,
  checkOptions,
  FUNCTION,
  FUNCTIONS,
  having,
  type KindsOf,
} from '../terms/options.ts';
import type { Message, ReplyTo } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import type { ArgsOf } from '../terms/protocol.ts';
import type { Self } from '../terms/self-types.ts';
import type { Signal } from '../terms/signal.ts';
import { Decision, type MachineEvent, type StateValue, type TimeoutTime } from './transition.ts';

/** The names of states. */
export type KindOf<S> = S extends string
  ? S
  : S extends { readonly kind: infer K extends string }
    ? K
    : never;
type StateOf<S, K> = S extends K ? S : S extends { readonly kind: K } ? S : never;

/** One kind of what `E` says can happen: functions by the names of the events. */
export type EventsOf<E, K extends 'call' | 'cast' | 'internal' | 'timeout'> = E extends {
  readonly [P in K]: infer T extends object;
}
  ? T
  : Record<never, never>;
type NameIn<E, K extends 'internal' | 'timeout'> = keyof EventsOf<E, K> & string;
type ArgsIn<E, K extends 'internal' | 'timeout', N> = N extends keyof EventsOf<E, K>
  ? ArgsOf<EventsOf<E, K>[N]>
  : never;
type ReplyIn<F> = F extends (...args: infer _A) => infer R ? R : never;

type ContentOf<T, A> = T extends 'infinity' | 'cancel' ? [] : A;

/** What accompanies a transition, done in the order given. All return the transition itself. */
interface Actions<S extends StateValue, E, Itself> {
  /** Answers a call, this one or one that was kept, before anything else. */
  reply<T>(to: ReplyTo<T>, value: NoInfer<T>): Itself;
  /** Calls `stateTimeout(content)` if the state has not changed after `ms`. */
  stateTimeout(ms: TimeoutTime, content?: unknown): Itself;
  /** Calls `eventTimeout(content)` if nothing at all has come after `ms`; `content` is `ms` unless given. */
  eventTimeout(ms: TimeoutTime, content?: unknown): Itself;
  /** Calls the `timeout` of this name with `args` after `ms`, whatever the state is then. */
  timeout<N extends NameIn<E, 'timeout'>, const T extends TimeoutTime>(
    name: N,
    ms: T,
    ...args: ContentOf<T, ArgsIn<E, 'timeout', N>>
  ): Itself;
  /** Handles this event again once the state has changed, before what came later. */
  postpone(): Transition<S, E>;
  /** Handles an event of the machine's own before all that waits; several in the order given. */
  nextEvent<N extends NameIn<E, 'internal'>>(
    name: N,
    ...args: ArgsIn<E, 'internal', N>
  ): Transition<S, E>;
}

declare const STAYS: unique symbol;
declare const STATE: unique symbol;

/** What comes of an event. */
export interface Transition<S extends StateValue, E> extends Actions<S, E, Transition<S, E>> {
  readonly [STATE]: (state: S) => void;
}

/** What comes of an event without another state, and all that may come of an enter call. */
export interface Stay<S extends StateValue, E> extends Actions<S, E, Stay<S, E>> {
  readonly [STATE]: (state: S) => void;
  readonly [STAYS]: true;
}

/** The end of the machine. */
export interface Stop {
  readonly [STAYS]: false;
  /** Sent before `terminate` runs. */
  reply<T>(to: ReplyTo<T>, value: NoInfer<T>): Stop;
}

type Eventually<T> = T | void | Generator<Step, T | void, unknown> | Promise<T | void>;
/** Nothing is `keep()`. */
export type Result<S extends StateValue, E> = Eventually<Transition<S, E> | Stay<S, E> | Stop>;

/** What one state does. An event that it has no handler for ends the machine with an error. */
export interface StateHandlers<S extends StateValue, E, M extends Message> {
  /** Called when the state has become this one, before any other event, and on `repeat`. */
  readonly enter?: (old: S) => Eventually<Stay<S, E> | Stop>;
  /** Calls by name: the handler gets the address that the reply goes to, and then the arguments. */
  readonly call?: {
    readonly [N in keyof EventsOf<E, 'call'>]?: (
      from: ReplyTo<ReplyIn<EventsOf<E, 'call'>[N]>>,
      ...args: ArgsOf<EventsOf<E, 'call'>[N]>
    ) => Result<S, E>;
  };
  /** Casts by name. */
  readonly cast?: Handling<S, E, 'cast'>;
  /** Other messages, by tag. */
  readonly info?: {
    readonly [T in (M | Signal)['tag']]?: (
      message: Extract<M | Signal, { readonly tag: T }>,
    ) => Result<S, E>;
  };
  /** Those of `nextEvent`. */
  readonly internal?: Handling<S, E, 'internal'>;
  /** Those of `timeout`. */
  readonly timeout?: Handling<S, E, 'timeout'>;
  /** The state has lasted as long as `stateTimeout` said. */
  readonly stateTimeout?: (content: unknown) => Result<S, E>;
  /** Nothing has come for as long as `eventTimeout` said. */
  readonly eventTimeout?: (content: unknown) => Result<S, E>;
}
type Handling<S extends StateValue, E, K extends 'cast' | 'internal' | 'timeout'> = {
  readonly [N in keyof EventsOf<E, K>]?: (...args: ArgsOf<EventsOf<E, K>[N]>) => Result<S, E>;
};

/** For each state its handlers, or how they are made of the state's data each time that it begins. */
export type States<S extends StateValue, E, M extends Message> = {
  readonly [K in KindOf<S>]:
    | StateHandlers<S, E, M>
    | ((state: StateOf<S, K>) => StateHandlers<S, E, M>);
};

/** What a state machine has besides its states. */
export interface MachineOptions<S extends StateValue, E, M extends Message> {
  /** For events that the state has no handler for. */
  readonly otherwise?: StateHandlers<S, E, M>;
  /** Runs when the machine stops, crashes, or (trapping exits) its parent ends; not on other exit signals. */
  readonly terminate?: (reason: ExitReason, state: S) => unknown;
  /** Told to whoever waits for the start, as `extra` of `Started`. */
  readonly extra?: unknown;
  /** What tools look at and replace beside the state, as of a server. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the machine's data are
  readonly data?: { get(): unknown; set?(data: any): void; format?(data: any): unknown };
}

declare const MACHINE: unique symbol;
/** What `begin` makes for `init` to return. */
export interface MachineDefinition<S extends StateValue, E, M extends Message> {
  readonly [MACHINE]: (of: States<S, E, M>) => States<S, E, M>;
}

/**
 * What a state machine's `init` and handlers have besides `Self`. `S` are its states, `E` its events:
 * functions by name under `call`, `cast`, `internal` and `timeout`; `M` its other messages. An action
 * alone, as `self.reply(…)`, is that of `self.keep()`.
 */
export interface MachineSelf<S extends StateValue, E = object, M extends Message = never>
  extends Self<M>,
    Actions<S, E, Stay<S, E>> {
  /** In an enter call already the new one. */
  readonly state: S;
  /** In `init`: what it is to return. The machine begins in `initial`, with the actions of a transition. */
  begin(
    initial: S | Transition<S, E>,
    states: States<S, E, M>,
    options?: MachineOptions<S, E, M>,
  ): MachineDefinition<S, E, M>;
  /** Another state. One that is the same, its data field by field, is no other. */
  next(state: S): Transition<S, E>;
  /** The state that it is. */
  keep(): Stay<S, E>;
  /** The state that it is, with another enter call. */
  repeat(): Stay<S, E>;
  /** Ends the machine: `terminate` runs. In `init` the start fails with this reason, and it does not. */
  stop(reason?: ExitReason): Stop;
}

/** The handlers of a state, with their types forgotten. */
export type ErasedHandlers = StateHandlers<StateValue, object, Message>;
export type ErasedHandler = (...args: readonly unknown[]) => unknown;

const ATTEMPT = 'Cannot begin a state machine';
const OPTIONS: KindsOf<MachineOptions<StateValue, object, Message>> = {
  otherwise: ANYTHING,
  terminate: FUNCTION,
  extra: ANYTHING,
  data: having('get'),
};
const HANDLERS: KindsOf<ErasedHandlers> = {
  enter: FUNCTION,
  call: FUNCTIONS,
  cast: FUNCTIONS,
  info: FUNCTIONS,
  internal: FUNCTIONS,
  timeout: FUNCTIONS,
  stateTimeout: FUNCTION,
  eventTimeout: FUNCTION,
};

/** @throws TypeError for what are no handlers of a state. */
function checkHandlers(where: string, handlers: unknown): void {
  checkOptions(`${ATTEMPT} with ${where}`, handlers, HANDLERS, 'handler');
}

/** A `MachineDefinition` from the inside. */
export class Definition {
  readonly state: StateValue;
  /** What is to be done on the way in. */
  readonly initial: Decision;
  readonly states: Readonly<
    Record<string, ErasedHandlers | ((state: StateValue) => ErasedHandlers)>
  >;
  readonly options: MachineOptions<StateValue, object, Message>;

  constructor(
    initial: StateValue | Decision,
    states: Definition['states'],
    options: Definition['options'] = {},
  ) {
    this.initial =
      initial instanceof Decision ? initial : new Decision({ kind: 'next', state: initial });
    const { goal } = this.initial;
    if (goal.kind !== 'next') {
      throw new TypeError(
        `Cannot begin a state machine with "${goal.kind}": pass a state, or self.next(state) with actions`,
      );
    }
    checkOptions(ATTEMPT, options, OPTIONS);
    if (typeof states !== 'object' || states === null)
      throw new TypeError(`${ATTEMPT}: its states are an object, not ${show(states)}`);
    for (const [kind, handlers] of Object.entries(states))
      if (typeof handlers !== 'function') checkHandlers(`state ${kind}`, handlers);
    if (options.otherwise !== undefined) checkHandlers('otherwise', options.otherwise);
    this.state = goal.state;
    this.states = states;
    this.options = options;
  }
}

/** What a state does with an event; undefined if nothing. */
export function handlerIn(
  handlers: ErasedHandlers | undefined,
  event: MachineEvent,
): ErasedHandler | undefined {
  const ofKind = handlers?.[event.kind] as
    | Readonly<Record<string, ErasedHandler>>
    | ErasedHandler
    | undefined;
  if (ofKind === undefined || typeof ofKind === 'function') return ofKind;
  const name = event.name as string;
  return Object.hasOwn(ofKind, name) ? ofKind[name] : undefined;
}
