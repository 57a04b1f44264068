/** Timers of actors: time-outs of operations, messages that are sent later, and the runtime's own alarms. */

import { AS_TIMER } from '../seams/tap.ts';
import {
  type ActorCell,
  isAlive,
  relationsOf,
  residentCell,
  TIMED_OUT,
} from '../state/actor-cell.ts';
import { coldStateOf } from '../state/cold-state.ts';
import type { SystemState } from '../state/system-state-types.ts';
import type { Alarm, SendTimer, Timer } from '../state/timer.ts';
import { isTime } from '../terms/options.ts';
import { type Address, isName, isPid, isReplyTo, type Message } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import { isRef, type Ref, type Reference, residentOfRef, settleRef } from '../terms/ref.ts';
import { timeoutMessage } from '../terms/signal.ts';
import { ownerOfAlias } from './aliases.ts';
import { checked, route } from './delivery.ts';
import { makeRef } from './monitors.ts';
import { cellOf, isHere } from './registry.ts';
import { resume } from './wake.ts';

/** @throws RangeError for what is no time-out. */
export function checkTimeout(ms: number, what: string): number {
  if (isTime(ms)) return ms;
  throw new RangeError(
    `Cannot ${what} ${show(ms)}: a time is a whole number of milliseconds from 0 to 2³² − 1`,
  );
}

/** Ends the operation in progress with TIMED_OUT after `ms`. */
export function startDeadline(cell: ActorCell, ms: number): void {
  const cold = coldStateOf(cell);
  cold.deadline ??= {
    kind: 'deadline',
    cell,
    due: 0,
    slot: 0,
    nextInSlot: undefined,
    previousInSlot: undefined,
  };
  const { system } = cell;
  system.timers.addFresh(cold.deadline, ms);
  // An async body is not on a turn, at whose end the host's alarm is set.
  if (!system.awake) system.wake();
}

export function stopDeadline(cell: ActorCell): void {
  const deadline = cell.cold?.deadline;
  if (deadline !== undefined) cell.system.timers.remove(deadline);
}

/** @throws RangeError for what is no time, TypeError for what is no address. */
export function sendAfter(from: ActorCell, ms: number, to: Address, message: Message): Ref {
  return startSending(from, ms, 0, to, message, makeRef(from.system, undefined));
}

/** Sends a TIMEOUT with its own ref. @throws as `sendAfter` does. */
export function startTimer(from: ActorCell, ms: number, to: Address, message: unknown): Ref {
  const ref = makeRef(from.system, undefined);
  return startSending(from, ms, 0, to, timeoutMessage(ref, message), ref);
}

/** Sends again and again. @throws as `sendAfter` does, and for 0 ms. */
export function sendInterval(from: ActorCell, ms: number, to: Address, message: Message): Ref {
  if (ms === 0) throw new RangeError('Cannot send every 0 ms: an interval is at least 1 ms');
  return startSending(from, ms, ms, to, message, makeRef(from.system, undefined));
}

function startSending(
  from: ActorCell,
  ms: number,
  every: number,
  to: Address,
  given: Message,
  ref: Reference,
): Ref {
  if (!Number.isSafeInteger(ms) || ms < 0) {
    throw new RangeError(
      `Cannot send after ${show(ms)}: a time is a whole number of milliseconds from 0 up`,
    );
  }
  const { system } = from;
  const cell = receiverOf(system, to);
  // A request takes any value, an alias messages alone.
  if (cell !== undefined || !isReplyTo(to) || ownerOfAlias(to) !== undefined) checked(given, to);
  // A timer to the dead is inert, and all are dead in a system that was shut down.
  if (system.closed || (cell === undefined ? isPid(to) && isHere(system, to) : !isAlive(cell)))
    return ref;
  // What the sender does to its message in the meantime must not be seen.
  const message = system.isolate === undefined ? given : system.isolate(given);
  const timer: SendTimer = {
    kind: 'send',
    due: 0,
    slot: 0,
    nextInSlot: undefined,
    previousInSlot: undefined,
    ref,
    ms,
    every,
    from,
    to,
    message,
    cell,
    nextTimer: undefined,
    previousTimer: undefined,
  };
  settleRef(ref, timer);
  if (cell !== undefined) joinTimers(cell, timer);
  system.timers.addFresh(timer, ms);
  if (!system.awake) system.wake();
  return ref;
}

/** The actor that a timer belongs to, of a pid of this system. @throws TypeError for what is no address. */
function receiverOf(system: SystemState, to: Address): ActorCell | undefined {
  const resident = residentCell(to);
  if (resident?.system === system) {
    system.tapTouched?.(resident.pid, 'look');
    return resident;
  }
  if (isPid(to)) return cellOf(system, to);
  if (isName(to) || isReplyTo(to)) return undefined;
  throw new TypeError(`Cannot send to ${show(to)}: an address is a pid, a name or a reply address`);
}

/** Milliseconds that were left; `false` if there is no such timer any more. */
export function cancelTimer(system: SystemState, ref: Ref): number | false {
  const timer = pendingTimer(system, ref, 'cancel');
  if (timer === undefined) return false;
  const left = millisecondsLeft(system, timer);
  system.timers.remove(timer);
  forget(timer);
  letGo(system);
  return left;
}

/** Milliseconds that are left; `false` if there is no such timer any more. */
export function readTimer(system: SystemState, ref: Ref): number | false {
  const timer = pendingTimer(system, ref, 'read');
  return timer === undefined ? false : millisecondsLeft(system, timer);
}

/** Of this system: another one in this thread has a wheel of its own. */
function pendingTimer(system: SystemState, ref: Ref, action: string): SendTimer | undefined {
  const resident = residentOfRef(ref) as Partial<SendTimer> | undefined;
  if (resident?.kind === 'send' && resident.from?.system === system) return resident as SendTimer;
  if (!isRef(ref)) throw new TypeError(`Cannot ${action} ${show(ref)}: it is no ref of a timer`);
  system.timers.missed(ref);
  return undefined;
}

function millisecondsLeft(system: SystemState, timer: SendTimer): number {
  if (system.timers.isFresh(timer)) return timer.ms;
  // Within a turn, what the clock said at its beginning is near enough.
  const now = system.current === undefined ? system.clock.now() : system.lookedAt;
  return Math.min(timer.ms, Math.max(0, Math.ceil(timer.due - now)));
}

function forget(timer: SendTimer): void {
  settleRef(timer.ref as Reference, undefined);
  const { cell, nextTimer, previousTimer } = timer;
  if (cell?.relations === undefined || nextTimer === undefined) return;
  if (nextTimer === timer) cell.relations.timers = undefined;
  else if (cell.relations.timers === timer) cell.relations.timers = previousTimer;
  nextTimer.previousTimer = previousTimer;
  (previousTimer as SendTimer).nextTimer = nextTimer;
  timer.nextTimer = timer.previousTimer = undefined;
}

function joinTimers(cell: ActorCell, timer: SendTimer): void {
  const relations = relationsOf(cell);
  const last = relations.timers ?? timer;
  const first = last.nextTimer ?? timer;
  timer.previousTimer = last;
  timer.nextTimer = first;
  last.nextTimer = first.previousTimer = timer;
  relations.timers = timer;
}

/** The next one is due a whole number of intervals after the first; those that were missed are left out. */
function again(system: SystemState, timer: SendTimer, now: number): void {
  const { every } = timer;
  system.timers.add(timer, timer.due + every * (1 + Math.floor((now - timer.due) / every)));
}

/** A timer to a pid ends with it. */
export function dropTimers(cell: ActorCell): void {
  const { relations, system } = cell;
  while (relations?.timers !== undefined) {
    system.timers.remove(relations.timers);
    forget(relations.timers);
  }
}

/** Nothing is to happen any more. */
export function dropAllTimers(system: SystemState): void {
  for (const timer of system.timers.takeAll()) if (timer.kind === 'send') forget(timer);
  letGo(system);
}

/** Calls `ring`, a function of the runtime, after `ms`. Returns how to take it back. */
export function startAlarm(system: SystemState, ms: number, ring: () => void): () => void {
  const alarm: Alarm = {
    kind: 'alarm',
    due: 0,
    slot: 0,
    nextInSlot: undefined,
    previousInSlot: undefined,
    ring,
  };
  if (system.closed) return () => {};
  system.timers.add(alarm, system.clock.now() + ms);
  if (!system.awake) system.wake();
  return () => {
    if (system.timers.remove(alarm)) letGo(system);
  };
}

/** Without a timer, the host's alarm is to be taken back, or it keeps the program alive; that is done at the end of a slice. */
function letGo(system: SystemState): void {
  if (system.timers.length === 0 && !system.awake) system.wake();
}

function sendDue(system: SystemState, { from, to, message, cell }: SendTimer): void {
  // It ends with the actor, also while that is on its way to its end.
  if (cell !== undefined && !isAlive(cell)) return;
  const sender = isAlive(from) ? from : system.root;
  try {
    route(sender, to, message, AS_TIMER);
  } catch {
    // It cannot cross to where it is for, or whoever has its address now does not take it; who started
    // the timer is long past that, and its other timers are not to blame.
    system.reports.deadLetter(sender.pid, to, message, 'unhandled');
  }
}

/** Lets everything that is due at `now` take effect. */
export function fireTimers(system: SystemState, now: number): void {
  if (system.timers.length === 0) return;
  system.timers.settle(now);
  for (
    let timer = system.timers.takeDue(now);
    timer !== undefined;
    timer = system.timers.takeDue(now)
  )
    fire(system, timer, now);
}

/** Lets a timer take effect that is due, and has left the wheel. */
export function fire(system: SystemState, timer: Timer, now: number): void {
  switch (timer.kind) {
    case 'deadline':
      return resume(timer.cell, TIMED_OUT);
    case 'send': {
      if (timer.every === 0) forget(timer);
      else again(system, timer, now);
      return sendDue(system, timer);
    }
    case 'alarm':
      return timer.ring();
  }
}
