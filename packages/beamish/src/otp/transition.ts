/** What comes of an event of a state machine, written down by its handler and carried out by the machine. */

import { checkTimeout } from '../signals/timers.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import type { Address, ReplyTo } from '../terms/pid.ts';

/** A state is its name, or data that are told apart by `kind`, as `{ kind: 'open', since: 0 }`. */
export type StateValue = string | { readonly kind: string };

/** A time-out begins after so many ms and replaces one that runs. `'infinity'` and `'cancel'` take it back; `'update'` changes what one that runs will carry, and one that does not run comes at once. */
export type TimeoutTime = number | 'infinity' | 'cancel' | 'update';

/** Something that a state handles, or is to handle. */
export interface MachineEvent {
  readonly kind:
    | 'call'
    | 'cast'
    | 'info'
    | 'internal'
    | 'timeout'
    | 'stateTimeout'
    | 'eventTimeout';
  /** Of the handler; undefined of the time-outs that have none. */
  readonly name: string | undefined;
  /** Of a call, the first is where the reply goes. */
  readonly args: readonly unknown[];
}

/** An event that a time-out brings. */
export type TimeoutKind = 'timeout' | 'stateTimeout' | 'eventTimeout';

/** A time-out to be begun, changed or taken back. */
export interface TimeoutAction {
  readonly kind: TimeoutKind;
  readonly name: string | undefined;
  readonly time: TimeoutTime;
  readonly args: readonly unknown[];
}

/** Where a transition leads. */
export type Goal =
  | { readonly kind: 'next'; readonly state: StateValue }
  | { readonly kind: 'keep' }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'stop'; readonly reason: ExitReason };

/** A transition from the inside; `Transition`, `Stay` and `Stop` are what its writer sees of it. */
export class Decision {
  readonly goal: Goal;
  readonly replies: { readonly to: Address<unknown>; readonly value: unknown }[] = [];
  readonly timeouts: TimeoutAction[] = [];
  readonly nextEvents: MachineEvent[] = [];
  postpones = false;

  constructor(goal: Goal) {
    this.goal = goal;
  }

  reply(to: ReplyTo, value: unknown): this {
    this.replies.push({ to: to as unknown as Address<unknown>, value });
    return this;
  }

  stateTimeout(time: TimeoutTime, content?: unknown): this {
    return this.#timeout({ kind: 'stateTimeout', name: undefined, time, args: [content] });
  }

  eventTimeout(time: TimeoutTime, content: unknown = time): this {
    return this.#timeout({ kind: 'eventTimeout', name: undefined, time, args: [content] });
  }

  timeout(name: string, time: TimeoutTime, ...args: readonly unknown[]): this {
    return this.#timeout({ kind: 'timeout', name, time, args });
  }

  postpone(): this {
    this.postpones = true;
    return this;
  }

  nextEvent(name: string, ...args: readonly unknown[]): this {
    this.nextEvents.push({ kind: 'internal', name, args });
    return this;
  }

  #timeout(action: TimeoutAction): this {
    const { time } = action;
    if (time !== 'infinity' && time !== 'cancel' && time !== 'update')
      checkTimeout(time, 'begin a time-out of');
    this.timeouts.push(action);
    return this;
  }
}

/** Whether two states are one: the same name, or the same data field by field. */
export function isSameState(a: StateValue, b: StateValue): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  const keys = Object.keys(a) as (keyof typeof a)[];
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && Object.is(a[key], b[key]))
  );
}

/** The name of a state. */
export function kindOf(state: StateValue): string {
  return typeof state === 'string' ? state : state.kind;
}
