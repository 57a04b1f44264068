/**
 * What one signal does to one actor, decided at once and without running its code. The order of the
 * signals from one actor to another follows: each has taken effect before the next is sent.
 */

import { CHUNK, Mailbox } from '../mailbox/mailbox.ts';
import { accepts } from '../mailbox/tag-set.ts';
import {
  type ActorCell,
  type Answerable,
  type DeadLetterCause,
  DOOMED,
  isAlive,
  MADE,
  NOTHING,
  type Rare,
  READY,
  RUNNING,
  rareOf,
  WAITING,
} from '../state/actor-cell.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import {
  type Address,
  isName,
  isPid,
  isReplyTo,
  type Message,
  type Pid,
  type ReplyTo,
  residentOfReplyTo,
  type Sender,
  showAddress,
} from '../terms/pid.ts';
import { type Exit, exitMessage, isSignal } from '../terms/signal.ts';
import { absence, cellOf, holder, peerOf, releaseName } from './registry.ts';

/** Sends to whatever one can send to. @throws TypeError for what is no address or no message. */
export function route(from: ActorCell, to: Address, message: unknown): void {
  const waiting = residentOfReplyTo(to) as Answerable | undefined;
  if (waiting !== undefined) reply(from, to as ReplyTo, waiting, message);
  else lookUp(from, to, message);
}

function lookUp(from: ActorCell, to: Address, message: unknown): void {
  const { home } = from;
  if (isPid(to)) {
    const cell = cellOf(home, to);
    if (cell !== undefined) return deliver(from, cell, checked(message, to));
    return sendElsewhere(from, to, checked(message, to));
  }
  if (isName(to)) {
    const cell = holder(home, to);
    if (cell !== undefined) return deliver(from, cell, checked(message, to));
    return sendElsewhere(from, to, checked(message, to));
  }
  if (isReplyTo(to)) return sendElsewhere(from, to, message);
  throw new TypeError(
    `Cannot send to ${String(to)}: an address is a pid, a name or a reply address`,
  );
}

/** To an address that nobody of this system has: to its own system, if that is reached. */
function sendElsewhere(from: ActorCell, to: Address, message: unknown): void {
  const { home } = from;
  home.tapSent?.(from.pid, to, message);
  const peer = peerOf(home, to);
  if (peer !== undefined) return peer.send(from.pid, to, message);
  const lost = absence(home, to) === 'noconnection';
  home.reports.deadLetter(from.pid, to, message, lost ? 'noconnection' : whyNobody(to));
}

function whyNobody(to: Address): DeadLetterCause {
  if (isPid(to)) return 'noproc';
  return isName(to) ? 'noname' : 'late_reply';
}

/** Puts a message into a mailbox, or straight into the hands of a receive that waits for it. */
export function deliver(from: Sender, to: ActorCell, message: Message): void {
  const home = to.home;
  if (home.tapSent !== undefined) home.tapSent(from.pid, to.pid, message);
  const conveyed = home.convey === undefined ? message : home.convey(message);
  if (to.status === WAITING && to.guard === undefined && accepts(to.want, conveyed)) {
    to.handed = conveyed;
    makeReady(to);
  } else if (to.status >= DOOMED) {
    home.reports.deadLetter(from.pid, to.pid, message, 'noproc');
  } else {
    enqueue(from, to, conveyed);
  }
}

/** From another system, by who waited as long as it knew of no room: a full mailbox lets in what was under way when it filled. */
export function deliverOffered(from: Sender, to: ActorCell, message: Message): void {
  const { mailbox, home } = to;
  const isOver = mailbox !== undefined && mailbox.length >= mailbox.limit;
  if (!isOver || !isAlive(to)) return deliver(from, to, message);
  home.tapSent?.(from.pid, to.pid, message);
  putIn(to, home.convey === undefined ? message : home.convey(message));
}

function enqueue(from: Sender, to: ActorCell, message: Message): void {
  let box = to.mailbox;
  if (box === undefined) box = to.mailbox = new Mailbox();
  else if (box.length >= box.limit && !makeRoom(from, to, box, message)) return;
  box.push(message);
  // Its guard runs on its own turn.
  if (to.status === WAITING && to.guard !== undefined) makeReady(to);
}

/** Whether a message to a full mailbox goes in, as its policy says. */
function makeRoom(from: Sender, to: ActorCell, box: Mailbox, message: Message): boolean {
  const { reports } = to.home;
  switch ((to.rare as Rare).overflow) {
    case 'wait':
    case 'drop_newest':
      reports.deadLetter(from.pid, to.pid, message, 'overflow');
      return false;
    case 'drop_oldest': {
      const oldest = box.removeFirst((queued) => !isSignal(queued));
      if (oldest !== undefined) reports.deadLetter(undefined, to.pid, oldest, 'overflow');
      return true;
    }
    case 'exit':
      reports.deadLetter(from.pid, to.pid, message, 'overflow');
      doom(to, 'killed');
      return false;
  }
}

/** The end of the way of a message to an alias: into the mailbox, or the hands of a receive, of an actor that is alive. */
export function land(from: Sender, to: ActorCell, message: Message): void {
  if (to.status === WAITING && to.guard === undefined && accepts(to.want, message)) {
    to.handed = message;
    makeReady(to);
  } else {
    enqueue(from, to, message);
  }
}

/** An EXIT or DOWN, which always fits. */
export function notify(to: ActorCell, signal: Message): void {
  if (to.status >= DOOMED) return;
  to.home.tapSent?.(to.home.root.pid, to.pid, signal);
  putIn(to, signal);
}

/** Whether a message goes straight into the hands of a receive. */
export function isAwaited(to: ActorCell, message: Message): boolean {
  return to.status === WAITING && to.guard === undefined && accepts(to.want, message);
}

/** Whatever the limit. */
function putIn(to: ActorCell, message: Message): void {
  if (isAwaited(to, message)) {
    to.handed = message;
    makeReady(to);
    return;
  }
  to.mailbox ??= new Mailbox();
  to.mailbox.push(message);
  if (to.status === WAITING && to.guard !== undefined) makeReady(to);
}

/** Erlang's exit/2, to another or to oneself. The trap flag of this moment counts. */
export function exitSignal(from: Pid, to: ActorCell, reason: ExitReason): void {
  if (!isAlive(to)) return;
  if (to === to.home.root) return notify(to, exitMessage(from, reason));
  if (reason === 'kill') return doom(to, 'killed');
  if (to.trapExit) return notify(to, exitMessage(from, reason));
  if (reason === 'normal' && from !== to.pid) return;
  doom(to, reason);
}

/** The end of a linked actor. Here `kill` is a reason like others: only a signal that says it kills. */
export function linkedExit(from: Pid, to: ActorCell, reason: ExitReason): void {
  if (!isAlive(to)) return;
  if (to.trapExit) return notify(to, exitMessage(from, reason) satisfies Exit);
  if (reason !== 'normal') doom(to, reason);
}

/**
 * Gives an actor its final reason. From now on it takes nothing, is not alive and has no name; its
 * clean-up, and the news to its links and monitors, come on its next turn, so that nothing recurses
 * along chains of links.
 */
export function doom(cell: ActorCell, reason: ExitReason): void {
  const { home, status } = cell;
  cell.status = DOOMED;
  releaseName(cell);
  rareOf(cell).reason = reason;
  if (status === READY || home.current === cell) return;
  enqueueTurn(cell);
}

/** Resumes a suspended actor. */
export function makeReady(cell: ActorCell): void {
  cell.status = READY;
  enqueueTurn(cell);
}

function enqueueTurn(cell: ActorCell): void {
  const { home } = cell;
  home.ready.push(cell);
  if (!home.awake) home.wake();
}

/** Resumes an actor whose operation ends with `value`; one that is not suspended lets it pass. */
export function hand(cell: ActorCell, value: unknown): void {
  if (cell.status <= MADE && cell.status >= RUNNING) return;
  if (cell.status >= DOOMED || cell.handed !== NOTHING) return;
  cell.handed = value;
  if (cell.status !== READY) makeReady(cell);
}

/** Whether a sender that is in no hurry should let the receiver work first. */
export function isCrowded(cell: ActorCell): boolean {
  const box = cell.mailbox;
  return box !== undefined && (box.length >= CHUNK || box.length >= box.limit);
}

function reply(from: ActorCell, to: ReplyTo, waiting: Answerable, value: unknown): void {
  const home = from.home;
  home.tapSent?.(from.pid, to, value);
  if (waiting.answer(home.convey === undefined ? value : home.convey(value), from) === true) return;
  home.reports.deadLetter(from.pid, to, value, 'late_reply');
}

export function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && typeof (value as Message).tag === 'string';
}

/** @throws TypeError for what is no message. */
export function checked(message: unknown, to: Address): Message {
  if (isMessage(message)) return message;
  const given = typeof message === 'object' ? JSON.stringify(message) : String(message);
  throw new TypeError(
    `Cannot send ${given} to ${showAddress(to)}: a message is an object with a string tag`,
  );
}
