/**
 * The time-outs of a state machine, at most one of each kind and name. Those that run are timers, whose
 * messages wait their turn in the mailbox; those of no time at all are handled before the mailbox is
 * looked at. A message of one that was taken back is known by its record, which is no longer there.
 */

import type { Address, Message } from '../terms/pid.ts';
import type { Ref } from '../terms/ref.ts';
import type { Self } from '../terms/self-types.ts';
import type { MachineEvent, TimeoutAction, TimeoutKind } from './transition.ts';

/** A time-out under way; it is the message of its timer, too. */
interface MachineTimeout extends Message {
  readonly tag: '$timeout';
  readonly key: string;
  /** Replaced by an update. */
  event: MachineEvent;
  /** Undefined if it is due at once. */
  timer: Ref | undefined;
}

export class MachineTimers {
  readonly #self: Self<Message>;
  /** In the order in which they were asked for. */
  readonly #pending = new Map<string, MachineTimeout>();
  /** How many of them are due at once. */
  #due = 0;

  constructor(self: Self<Message>) {
    this.#self = self;
  }

  /** Does what is asked for; of two actions for one time-out, the later alone. */
  apply(actions: readonly TimeoutAction[]): void {
    const last = new Map<string, TimeoutAction>();
    for (const action of actions) {
      const key = keyOf(action.kind, action.name);
      last.delete(key);
      last.set(key, action);
    }
    for (const [key, action] of last) this.#apply(key, action);
  }

  #apply(key: string, { kind, name, time, args }: TimeoutAction): void {
    const event: MachineEvent = { kind, name, args };
    const pending = this.#pending.get(key);
    if (time === 'update' && pending !== undefined) {
      pending.event = event;
      return;
    }
    this.#cancel(key);
    if (time === 'infinity' || time === 'cancel') return;
    const timeout: MachineTimeout = { tag: '$timeout', key, event, timer: undefined };
    this.#pending.set(key, timeout);
    // One that is to be updated, and does not run, comes at once.
    if (time === 'update' || time === 0) this.#due++;
    else timeout.timer = this.#self.sendAfter(time, this.#self.pid as Address<Message>, timeout);
  }

  cancel(kind: TimeoutKind): void {
    this.#cancel(keyOf(kind, undefined));
  }

  #cancel(key: string): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    this.#pending.delete(key);
    if (pending.timer === undefined) this.#due--;
    else this.#self.cancelTimer(pending.timer);
  }

  /** The event of the first time-out of no time at all, if there is one. */
  takeDue(): MachineEvent | undefined {
    if (this.#due === 0) return undefined;
    for (const timeout of this.#pending.values())
      if (timeout.timer === undefined) return this.#take(timeout);
    return undefined;
  }

  /** The event of a timer whose message has come, unless it was taken back meanwhile. */
  takeFired(message: Message): MachineEvent | undefined {
    const timeout = message as MachineTimeout;
    return this.#pending.get(timeout.key) === timeout ? this.#take(timeout) : undefined;
  }

  #take(timeout: MachineTimeout): MachineEvent {
    this.#pending.delete(timeout.key);
    if (timeout.timer === undefined) this.#due--;
    return timeout.event;
  }
}

function keyOf(kind: TimeoutKind, name: string | undefined): string {
  return name === undefined ? kind : `${kind} ${name}`;
}
