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
import {
  type Alarm,
  type Deadline,
  destinationOf,
  forget,
  giveMessage,
  IntervalTimer,
  messageOf,
  nextDue,
  SendTimer,
  senderOf,
  type Timer,
} from '../state/timer.ts';
import { NOWHERE } from '../state/timer-wheel.ts';
import { isTime } from '../terms/options.ts';
import { type Address, isName, isPid, isReplyTo, type Message } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import { isRef, type Ref } from '../terms/ref.ts';
import { timeoutMessage } from '../terms/signal.ts';
import { ownerOfAlias } from './aliases.ts';
import { checked, route } from './delivery.ts';
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
  const { system } = cell;
  system.timers.addFresh(coldStateOf(cell).deadline ?? makeDeadline(cell), ms);
  // An async body is not on a turn, at whose end the host's alarm is set.
  if (!system.awake) system.wake();
}

/** Apart, as `makeColdState`. */
function makeDeadline(cell: ActorCell): Deadline {
  const deadline: Deadline = { kind: 'deadline', place: NOWHERE, cell };
  coldStateOf(cell).deadline = deadline;
  return deadline;
}

/** The next one will be started soon. */
export function stopDeadline(cell: ActorCell): void {
  const deadline = cell.cold?.deadline;
  if (deadline !== undefined) cell.system.timers.pause(deadline);
}

/** @throws RangeError for what is no time, TypeError for what is no address. */
export function sendAfter(from: ActorCell, ms: number, to: Address, message: Message): Ref {
  checkDelay(ms);
  return start(new SendTimer(from, to), from, ms, to, message);
}

/** Sends a TIMEOUT with its own ref. @throws as `sendAfter` does. */
export function startTimer(from: ActorCell, ms: number, to: Address, message: unknown): Ref {
  checkDelay(ms);
  const timer = new SendTimer(from, to);
  return start(timer, from, ms, to, timeoutMessage(timer, message));
}

/** Sends again and again. @throws as `sendAfter` does, and for 0 ms. */
export function sendInterval(from: ActorCell, ms: number, to: Address, message: Message): Ref {
  checkDelay(ms);
  if (ms === 0) throw new RangeError('Cannot send every 0 ms: an interval is at least 1 ms');
  const timer = new IntervalTimer(from, to, ms);
  return start(timer, from, ms, to, message, timer);
}

function checkDelay(ms: number): void {
  if (Number.isSafeInteger(ms) && ms >= 0) return;
  throw new RangeError(
    `Cannot send after ${show(ms)}: a time is a whole number of milliseconds from 0 up`,
  );
}

function start(
  timer: SendTimer,
  from: ActorCell,
  ms: number,
  to: Address,
  given: Message,
  interval?: IntervalTimer,
): Ref {
  const { system } = from;
  const cell = receiverOf(system, to);
  // A request takes any value, an alias messages alone.
  if (cell !== undefined || !isReplyTo(to) || ownerOfAlias(to) !== undefined) checked(given, to);
  // A timer to the dead is inert, and all are dead in a system that was shut down.
  if (system.closed || (cell === undefined ? isPid(to) && isHere(system, to) : !isAlive(cell))) {
    forget(timer);
    return timer;
  }
  // What the sender does to its message in the meantime must not be seen.
  giveMessage(timer, system.isolate === undefined ? given : system.isolate(given));
  if (interval === undefined) system.timers.addFresh(timer, ms);
  else startInterval(system, interval);
  if (cell !== undefined) join(cell, timer);
  if (!system.awake) system.wake();
  return timer;
}

/** What was started before it comes out before it. */
function startInterval(system: SystemState, timer: IntervalTimer): void {
  const now = system.clock.now();
  system.timers.settle(now);
  system.timers.add(timer, nextDue(timer, now));
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
  if (ref instanceof SendTimer && senderOf(ref)?.system === system) return ref;
  if (!isRef(ref)) throw new TypeError(`Cannot ${action} ${show(ref)}: it is no ref of a timer`);
  system.timers.missed(ref);
  return undefined;
}

function millisecondsLeft(system: SystemState, timer: SendTimer): number {
  const due = system.timers.dueOf(timer);
  if (system.timers.isFresh(timer)) return due;
  // Within a turn, what the clock said at its beginning is near enough.
  const now = system.current === undefined ? system.clock.now() : system.lookedAt;
  return Math.max(0, due - Math.ceil(now));
}

function join(cell: ActorCell, timer: SendTimer): void {
  const relations = relationsOf(cell);
  relations.timers = cell.system.timers.own(timer, relations.timers);
}

/** The next one is due a whole number of intervals after the first; those that were missed are left out. */
function again(system: SystemState, timer: IntervalTimer, now: number): void {
  system.timers.add(timer, nextDue(timer, now));
  const cell = residentCell(destinationOf(timer));
  if (cell !== undefined) join(cell, timer);
}

/** A timer to a pid ends with it. */
export function dropTimers(cell: ActorCell): void {
  const { relations, system } = cell;
  if (relations === undefined || relations.timers === NOWHERE) return;
  for (const timer of system.timers.ownedIn(relations.timers)) {
    system.timers.remove(timer);
    forget(timer as SendTimer);
  }
  system.timers.endRing(relations.timers);
  relations.timers = NOWHERE;
}

/** Nothing is to happen any more. */
export function dropAllTimers(system: SystemState): void {
  for (const timer of system.timers.takeAll()) if (timer.kind === 'send') forget(timer);
  letGo(system);
}

/** Calls `ring`, a function of the runtime, after `ms`. Returns how to take it back. */
export function startAlarm(system: SystemState, ms: number, ring: () => void): () => void {
  const alarm: Alarm = { kind: 'alarm', place: NOWHERE, ring };
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

function sendDue(system: SystemState, from: ActorCell, to: Address, message: Message): void {
  // It ends with the actor, also while that is on its way to its end.
  const cell = residentCell(to);
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
      const [from, to, message] = [senderOf(timer), destinationOf(timer), messageOf(timer)];
      if (timer instanceof IntervalTimer) again(system, timer, now);
      else forget(timer);
      return sendDue(system, from as ActorCell, to, message);
    }
    case 'alarm':
      return timer.ring();
  }
}
