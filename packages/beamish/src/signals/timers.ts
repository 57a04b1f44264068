/** Timers of actors: time-outs of operations, messages that are sent later, and the runtime's own alarms. */

import {
  type ActorCell,
  type Alarm,
  bondsOf,
  type Home,
  isAlive,
  rareOf,
  residentCell,
  type SendTimer,
  TIMED_OUT,
} from '../state/actor-cell.ts';
import { type Address, isName, isPid, isReplyTo, type Message } from '../terms/pid.ts';
import { isRef, type Ref, type Reference, residentOfRef, settleRef } from '../terms/ref.ts';
import { timeoutMessage } from '../terms/signal.ts';
import { checked, hand, route } from './delivery.ts';
import { cellOf, isHere } from './registry.ts';
import { makeRef } from './relations.ts';

/** Longest time-out of a receive, as in Erlang: 2³² − 1 ms. */
export const LONGEST_TIMEOUT = 2 ** 32 - 1;

export function isTimeout(ms: number): boolean {
  return Number.isInteger(ms) && ms >= 0 && ms <= LONGEST_TIMEOUT;
}

/** @throws RangeError for what is no time-out. */
export function checkTimeout(ms: number, what: string): number {
  if (isTimeout(ms)) return ms;
  throw new RangeError(
    `Cannot ${what} ${String(ms)}: a time is a whole number of milliseconds from 0 to 2³² − 1`,
  );
}

/** Ends the operation in progress with TIMED_OUT after `ms`. */
export function startDeadline(cell: ActorCell, ms: number): void {
  const rare = rareOf(cell);
  rare.deadline ??= {
    kind: 'deadline',
    cell,
    due: 0,
    slot: 0,
    nextInSlot: undefined,
    previousInSlot: undefined,
  };
  const { home } = cell;
  home.timers.addFresh(rare.deadline, ms);
  // An async body is not on a turn, at whose end the host's alarm is set.
  if (!home.awake) home.wake();
}

export function stopDeadline(cell: ActorCell): void {
  const deadline = cell.rare?.deadline;
  if (deadline !== undefined) cell.home.timers.remove(deadline);
}

/** @throws RangeError for what is no time, TypeError for what is no address. */
export function sendAfter(from: ActorCell, ms: number, to: Address, message: Message): Ref {
  return startSending(from, ms, 0, to, message, makeRef(from.home, undefined));
}

/** Sends a TIMEOUT with its own ref. @throws as `sendAfter` does. */
export function startTimer(from: ActorCell, ms: number, to: Address, message: unknown): Ref {
  const ref = makeRef(from.home, undefined);
  return startSending(from, ms, 0, to, timeoutMessage(ref, message), ref);
}

/** Sends again and again. @throws as `sendAfter` does, and for 0 ms. */
export function sendInterval(from: ActorCell, ms: number, to: Address, message: Message): Ref {
  if (ms === 0) throw new RangeError('Cannot send every 0 ms: an interval is at least 1 ms');
  return startSending(from, ms, ms, to, message, makeRef(from.home, undefined));
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
      `Cannot send after ${String(ms)}: a time is a whole number of milliseconds from 0 up`,
    );
  }
  const { home } = from;
  const cell = receiverOf(home, to);
  if (!isReplyTo(to)) checked(given, to);
  // A timer to the dead is inert.
  if (cell === undefined ? isPid(to) && isHere(home, to) : !isAlive(cell)) return ref;
  // What the sender does to its message in the meantime must not be seen.
  const message = home.convey === undefined ? given : home.convey(given);
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
  home.timers.addFresh(timer, ms);
  if (!home.awake) home.wake();
  return ref;
}

/** The actor that a timer belongs to, of a pid of this system. @throws TypeError for what is no address. */
function receiverOf(home: Home, to: Address): ActorCell | undefined {
  const resident = residentCell(to);
  if (resident?.home === home) return resident;
  if (isPid(to)) return cellOf(home, to);
  if (isName(to) || isReplyTo(to)) return undefined;
  throw new TypeError(
    `Cannot send to ${String(to)}: an address is a pid, a name or a reply address`,
  );
}

/** Milliseconds that were left; `false` if there is no such timer any more. */
export function cancelTimer(home: Home, ref: Ref): number | false {
  const timer = pendingTimer(ref, 'cancel');
  if (timer === undefined) return false;
  const left = millisecondsLeft(home, timer);
  home.timers.remove(timer);
  forget(timer);
  return left;
}

/** Milliseconds that are left; `false` if there is no such timer any more. */
export function readTimer(home: Home, ref: Ref): number | false {
  const timer = pendingTimer(ref, 'read');
  return timer === undefined ? false : millisecondsLeft(home, timer);
}

function pendingTimer(ref: Ref, action: string): SendTimer | undefined {
  if (!isRef(ref)) throw new TypeError(`Cannot ${action} ${String(ref)}: it is no ref of a timer`);
  const resident = residentOfRef(ref) as Partial<SendTimer> | undefined;
  return resident?.kind === 'send' ? (resident as SendTimer) : undefined;
}

function millisecondsLeft(home: Home, timer: SendTimer): number {
  if (home.timers.isFresh(timer)) return timer.ms;
  // Within a turn, what the clock said at its beginning is near enough.
  const now = home.current === undefined ? home.clock.now() : home.lookedAt;
  return Math.min(timer.ms, Math.max(0, Math.ceil(timer.due - now)));
}

function forget(timer: SendTimer): void {
  settleRef(timer.ref as Reference, undefined);
  const { cell, nextTimer, previousTimer } = timer;
  if (cell?.bonds === undefined || nextTimer === undefined) return;
  if (nextTimer === timer) cell.bonds.timers = undefined;
  else if (cell.bonds.timers === timer) cell.bonds.timers = previousTimer;
  nextTimer.previousTimer = previousTimer;
  (previousTimer as SendTimer).nextTimer = nextTimer;
  timer.nextTimer = timer.previousTimer = undefined;
}

function joinTimers(cell: ActorCell, timer: SendTimer): void {
  const bonds = bondsOf(cell);
  const last = bonds.timers ?? timer;
  const first = last.nextTimer ?? timer;
  timer.previousTimer = last;
  timer.nextTimer = first;
  last.nextTimer = first.previousTimer = timer;
  bonds.timers = timer;
}

/** The next one is due a whole number of intervals after the first; those that were missed are left out. */
function again(home: Home, timer: SendTimer, now: number): void {
  const { every } = timer;
  home.timers.add(timer, timer.due + every * (1 + Math.floor((now - timer.due) / every)));
}

/** A timer to a pid ends with it. */
export function dropTimers(cell: ActorCell): void {
  const { bonds, home } = cell;
  while (bonds?.timers !== undefined) {
    home.timers.remove(bonds.timers);
    forget(bonds.timers);
  }
}

/** Calls `ring`, a function of the runtime, after `ms`. Returns how to take it back. */
export function startAlarm(home: Home, ms: number, ring: () => void): () => void {
  const alarm: Alarm = {
    kind: 'alarm',
    due: 0,
    slot: 0,
    nextInSlot: undefined,
    previousInSlot: undefined,
    ring,
  };
  home.timers.add(alarm, home.clock.now() + ms);
  if (!home.awake) home.wake();
  return () => {
    home.timers.remove(alarm);
  };
}

/** Lets everything that is due at `now` take effect. */
export function fireTimers(home: Home, now: number): void {
  if (home.timers.length === 0) return;
  home.timers.settle(now);
  for (
    let timer = home.timers.takeDue(now);
    timer !== undefined;
    timer = home.timers.takeDue(now)
  ) {
    switch (timer.kind) {
      case 'deadline':
        hand(timer.cell, TIMED_OUT);
        break;
      case 'send':
        if (timer.every === 0) forget(timer);
        else again(home, timer, now);
        route(isAlive(timer.from) ? timer.from : home.root, timer.to, timer.message);
        break;
      case 'alarm':
        timer.ring();
        break;
    }
  }
}
