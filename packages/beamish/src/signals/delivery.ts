/**
 * What one signal does to one actor, decided at once and without running its code. The order of the
 * signals from one actor to another follows: each has taken effect before the next is sent.
 */

import { CHUNK, Mailbox } from '../mailbox/mailbox.ts';
import { AS_MESSAGE, AS_REPLY, AS_SIGNAL, type SendKind } from '../seams/tap.ts';
import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import type { ColdState } from '../state/cold-state.ts';
import type { DeadLetterCause } from '../state/report-port.ts';
import { EXITING, WAITING } from '../state/status.ts';
import type { Answerable } from '../state/watch.ts';
import {
  type Address,
  isName,
  isPid,
  isReplyTo,
  type Message,
  ownerOfReplyTo,
  type Pid,
  type ReplyTo,
  residentOfReplyTo,
  type Sender,
  showAddress,
} from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import { isReserved } from '../terms/reserved.ts';
import { isSignal } from '../terms/signal.ts';
import { absence, holder, peerOf, receiverOf } from './registry.ts';
import { beginExit, handOver, makeReady } from './wake.ts';

/** Sends to whatever one can send to. @throws TypeError for what is no address or no message. */
export function route(
  from: ActorCell,
  to: Address,
  message: unknown,
  kind: SendKind = AS_MESSAGE,
): void {
  const waiting = residentOfReplyTo(to) as Answerable | undefined;
  if (waiting !== undefined) reply(from, to as ReplyTo, waiting, message, kind);
  else lookUp(from, to, message, kind);
}

function lookUp(from: ActorCell, to: Address, message: unknown, kind: SendKind): void {
  const { system } = from;
  if (isPid(to)) {
    const cell = receiverOf(system, to);
    if (cell !== undefined) return deliver(from, cell, checked(message, to), kind);
    return sendElsewhere(from, to, checked(message, to), kind);
  }
  if (isName(to)) {
    const cell = holder(system, to);
    if (cell !== undefined) return deliver(from, cell, checked(message, to), kind);
    return sendElsewhere(from, to, checked(message, to), kind);
  }
  if (isReplyTo(to)) return sendElsewhere(from, to, message, AS_REPLY);
  throw new TypeError(`Cannot send to ${show(to)}: an address is a pid, a name or a reply address`);
}

/** To an address that nobody of this system has: to its own system, if that is reached. */
function sendElsewhere(from: ActorCell, to: Address, message: unknown, kind: SendKind): void {
  const { system } = from;
  const peer = peerOf(system, to);
  // What cannot cross is refused, and has not been sent.
  const isOnItsWay = peer?.send(from.pid, to, message);
  system.tapSent?.(from.pid, ownerOfReplyTo(to) ?? to, message, kind);
  if (isOnItsWay !== undefined) system.tapSentAway?.(from.pid, to, message);
  if (isOnItsWay === true) return;
  const lost = peer === undefined && absence(system, to) === 'noconnection';
  const why = peer === undefined ? whyNobody(to) : 'overflow';
  system.reports.deadLetter(from.pid, to, message, lost ? 'noconnection' : why);
}

function whyNobody(to: Address): DeadLetterCause {
  if (isPid(to)) return 'noproc';
  return isName(to) ? 'noname' : 'late_reply';
}

/** Puts a message into a mailbox, or straight into the hands of a receive that waits for it. */
export function deliver(
  from: Sender,
  to: ActorCell,
  given: Message,
  kind: SendKind = AS_MESSAGE,
): void {
  const system = to.system;
  const message = system.isolate === undefined ? given : system.isolate(given);
  if (system.tapSent !== undefined) system.tapSent(from.pid, to.pid, message, kind);
  if (handOver(to, message)) return;
  if (to.status >= EXITING) {
    system.reports.deadLetter(from.pid, to.pid, message, 'noproc');
  } else {
    enqueue(from, to, message);
  }
}

/** From another system, by who waited as long as it knew of no room: a full mailbox lets in what was under way when it filled. */
export function deliverOffered(from: Sender, to: ActorCell, given: Message): void {
  const { mailbox, system } = to;
  const waits =
    to.cold?.overflow === 'wait' && mailbox !== undefined && mailbox.length >= mailbox.limit;
  if (!waits || !isAlive(to)) return deliver(from, to, given);
  const message = system.isolate === undefined ? given : system.isolate(given);
  system.tapSent?.(from.pid, to.pid, message, AS_MESSAGE);
  putIn(to, message);
}

function enqueue(from: Sender, to: ActorCell, message: Message): void {
  let box = to.mailbox;
  if (box === undefined) box = to.mailbox = newMailbox(to);
  else if (box.length >= box.attention && !attend(from, to, box, message)) return;
  box.push(message);
  // Its guard runs on its own turn.
  if (to.status === WAITING && to.guard !== undefined) makeReady(to);
}

/** An actor has no mailbox before something has to wait in it. */
export function newMailbox(of: ActorCell, limit?: number): Mailbox {
  return new Mailbox(limit, of.system.longMailbox);
}

/** Whether a message to a mailbox that is long or full goes in. */
function attend(from: Sender, to: ActorCell, box: Mailbox, message: Message): boolean {
  if (box.rings()) to.system.reports.mailboxLong(to, box);
  return box.length < box.limit || makeRoom(from, to, box, message);
}

/** Whether a message to a full mailbox goes in, as its policy says. */
function makeRoom(from: Sender, to: ActorCell, box: Mailbox, message: Message): boolean {
  const { reports } = to.system;
  switch ((to.cold as ColdState).overflow) {
    case 'wait':
    case 'drop_newest':
      reports.deadLetter(from.pid, to.pid, message, 'overflow');
      return false;
    case 'drop_oldest': {
      const oldest = box.removeFirst((queued) => !isSignal(queued));
      if (oldest === undefined) return true;
      to.system.tapDropped?.(to.pid, oldest);
      reports.deadLetter(undefined, to.pid, oldest, 'overflow');
      return true;
    }
    case 'exit':
      reports.deadLetter(from.pid, to.pid, message, 'overflow');
      beginExit(to, 'killed');
      return false;
  }
}

/** The end of the way of a message to an alias: into the mailbox, or the hands of a receive, of an actor that is alive. */
export function land(from: Sender, to: ActorCell, message: Message): void {
  if (!handOver(to, message)) enqueue(from, to, message);
}

/** An EXIT or DOWN, which always fits; `from` has ended. */
export function notify(from: Pid, to: ActorCell, signal: Message): void {
  if (to.status >= EXITING) return;
  to.system.tapSent?.(from, to.pid, signal, AS_SIGNAL);
  putIn(to, signal);
}

/** Whatever the limit. */
function putIn(to: ActorCell, message: Message): void {
  if (handOver(to, message)) return;
  to.mailbox ??= newMailbox(to);
  if (to.mailbox.rings()) to.system.reports.mailboxLong(to, to.mailbox);
  to.mailbox.push(message);
  if (to.status === WAITING && to.guard !== undefined) makeReady(to);
}

/** Whether a sender that is in no hurry should let the receiver work first. */
export function isCrowded(cell: ActorCell): boolean {
  const box = cell.mailbox;
  return box !== undefined && (box.length >= CHUNK || box.length >= box.limit);
}

function reply(
  from: ActorCell,
  to: ReplyTo,
  waiting: Answerable,
  given: unknown,
  kind: SendKind,
): void {
  const { system } = from;
  const { isolate } = system;
  const value = isolate === undefined || isReserved(waiting.what) ? given : isolate(given);
  if (system.tapSent !== undefined) {
    const isMail = waiting.takes === 'mail';
    if (isMail) checked(value, to);
    system.tapSent(from.pid, ownerOfReplyTo(to) ?? to, value, isMail ? kind : AS_REPLY);
  }
  if (!waiting.answer(value, from)) system.reports.deadLetter(from.pid, to, value, 'late_reply');
}

export function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && typeof (value as Message).tag === 'string';
}

/** @throws TypeError for what is no message. */
export function checked(message: unknown, to: Address): Message {
  if (isMessage(message)) return message;
  throw new TypeError(
    `Cannot send ${show(message)} to ${showAddress(to)}: a message is an object with a string tag`,
  );
}
