/** What another system tells this one: each kind of signal takes effect in one function, in the order in which they came. */

import { AS_MESSAGE, AS_REPLY } from '../seams/tap.ts';
import { deliver, deliverOffered, isMessage } from '../signals/delivery.ts';
import { exitSignal } from '../signals/exit-signals.ts';
import { takeGroupChange } from '../signals/groups.ts';
import { isAwaited } from '../signals/wake.ts';
import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import { cellOfSerial } from '../state/actor-table.ts';
import type { Answerable } from '../state/watch.ts';
import { group } from '../terms/group.ts';
import {
  type Message,
  name,
  ownerOfReplyTo,
  ReplyAlias,
  type ReplyTo,
  residentOfReplyTo,
  type Sender,
} from '../terms/pid.ts';
import { type Association, RemoteSender } from './association.ts';
import { overflows } from './back-pressure.ts';
import { BatchReader } from './batch-reader.ts';
import { demonitor, down, link, linkedEnd, monitor, unlink, unlinked } from './incoming-links.ts';
import { spawn } from './incoming-spawns.ts';
import { unpack } from './unpacker.ts';
import {
  ASK,
  type Batch,
  CREDIT,
  DEMONITOR,
  DOWN,
  EXIT,
  FULL,
  GRANT,
  isMessageKind,
  JOIN,
  LEAVE,
  LINK,
  LINKED_EXIT,
  MONITOR,
  MONITOR_NAMED,
  OFFER_NAMED,
  REPLY,
  ROOM,
  SEND,
  SEND_NAMED,
  SPAWN,
  UNLINK,
  UNLINKED,
  type WireOrder,
} from './wire.ts';

/** How the plain messages of a run go into the mailbox of whom they are for. */
const SENT = 0;
const OFFERED = 1;
const DROPPED = 2;

/**
 * Lets a batch take effect; returns what is to wait for an actor that is to be spawned, and all that comes
 * behind. @throws ProtocolError
 */
export function take(association: Association, batch: Batch): Batch | undefined {
  const { system, backPressure } = association;
  const reader = new BatchReader(batch);
  let from = new RemoteSender(association, 0);
  /** Who got the message before; nobody ends while a batch takes effect. */
  let to: ActorCell | undefined;
  let operand: unknown;
  let way = SENT;
  while (reader.next()) {
    const { kind, a } = reader;
    if (reader.from !== from.serial) from = new RemoteSender(association, reader.from);
    if (kind === SEND && a === operand) {
      send(association, from, to, a as number, way, messageOf(association, reader));
      continue;
    }
    if (isForActor(kind) && typeof a === 'number' && association.isEarlyFor(serialIn(a))) {
      if (to !== undefined) backPressure.look(to);
      return reader.rest();
    }
    if (kind === SEND) {
      if (to !== undefined) backPressure.look(to);
      operand = a;
      to = cellOfSerial(system, serialIn(a as number));
      way = wayTo(to, a as number);
      send(association, from, to, a as number, way, messageOf(association, reader));
    } else if (kind === ASK) {
      const question = messageOf(association, reader) as Unanswerable;
      takeRequest(association, from, a as number | string, reader.second as number, question);
    } else {
      rareSignal(association, from, kind, a, messageOf(association, reader));
    }
  }
  if (to !== undefined) backPressure.look(to);
  return undefined;
}

/** Whether it is for an actor that may be on its way, and is told of by its serial. */
function isForActor(kind: number): boolean {
  return kind === SEND || kind === ASK || kind === EXIT || kind === LINK || kind === MONITOR;
}

function messageOf(association: Association, { isBoxed, last }: BatchReader): Message {
  return (isBoxed ? unpack(last, association) : last) as Message;
}

function send(
  association: Association,
  from: Sender,
  to: ActorCell | undefined,
  operand: number,
  way: number,
  message: Message,
): void {
  association.took();
  if (to === undefined) tellDead(association, from, serialIn(operand), message);
  else if (way === SENT) deliver(from, to, message);
  else putIn(association, from, to, way, message);
}

/** What is offered says so by the complement of the serial that it is for. */
function serialIn(operand: number): number {
  return operand < 0 ? ~operand : operand;
}

function wayTo(to: ActorCell | undefined, operand: number): number {
  if (operand < 0) return OFFERED;
  return to !== undefined && overflows(to) ? DROPPED : SENT;
}

function putIn(
  { system }: Association,
  from: Sender,
  to: ActorCell,
  way: number,
  message: Message,
): void {
  if (way === OFFERED) deliverOffered(from, to, message);
  else if (way === SENT || isAwaited(to, message)) deliver(from, to, message);
  else system.reports.deadLetter(from.pid, to.pid, message, 'overflow');
}

function tellDead(association: Association, from: Sender, serial: number, message: unknown): void {
  const { system } = association;
  const pid = association.pid(system.name, system.incarnation, serial);
  system.reports.deadLetter(from.pid, pid, message, 'noproc');
}

/** Before it is given whom to answer. */
interface Unanswerable extends Message {
  replyTo?: ReplyTo;
}

/** A request: a monitor that the reply ends. */
function takeRequest(
  association: Association,
  from: RemoteSender,
  target: number | string,
  alias: number,
  question: Unanswerable,
): void {
  const { system, there } = association;
  const cell = typeof target === 'string' ? system.names.get(target) : association.look(target);
  // An exiting one takes nothing, and its true reason is on the way.
  monitor(association, from, cell, -alias);
  if (cell === undefined || !isAlive(cell)) return;
  const asker = association.remoteCells.withSerial(from.serial).pid;
  question.replyTo = new ReplyAlias(there.system, there.incarnation, alias, undefined, asker);
  putIn(association, from, cell, wayTo(cell, cell.pid.serial), question);
  association.backPressure.look(cell);
}

function rareSignal(
  association: Association,
  from: RemoteSender,
  kind: number,
  a: unknown,
  b: unknown,
): void {
  if (isMessageKind(kind)) association.took();
  switch (kind) {
    case SEND_NAMED:
      return sendNamed(association, from, a as string, b as Message, false);
    case OFFER_NAMED:
      return sendNamed(association, from, a as string, b as Message, true);
    case FULL:
      return association.fullThere.add(a as number, b as string | undefined);
    case ROOM:
      return association.fullThere.delete(a as number);
    case REPLY:
      return reply(association, from, a as number, b);
    case EXIT: {
      const cell = association.look(a as number);
      return cell && exitSignal(from.pid, cell, b);
    }
    case LINK:
      return link(association, from, a as number);
    case LINKED_EXIT:
      return linkedEnd(association, from, a as number, b);
    case UNLINK:
      return unlink(association, from, a as number, b as number);
    case UNLINKED:
      return unlinked(association, from, a as number, b as number);
    case MONITOR:
      return monitor(association, from, association.look(a as number), b as number);
    case MONITOR_NAMED:
      return monitor(association, from, association.system.names.get(a as string), b as number);
    case DEMONITOR:
      return demonitor(association, a as number);
    case DOWN:
      return down(association, from, a as number, b);
    case SPAWN:
      return spawn(association, from, a as number, b as WireOrder);
    case JOIN:
      return groupChanged(association, 'join', a as GroupKey, b as readonly number[]);
    case LEAVE:
      return groupChanged(association, 'leave', a as GroupKey, b as readonly number[]);
    case CREDIT:
      return association.outbox.credit(a as number);
    case GRANT:
      association.granted.push({ next: a as number, end: b as number });
  }
}

type GroupKey = readonly [scope: string, group: string];

function groupChanged(
  { system, there, identities }: Association,
  change: 'join' | 'leave',
  [scope, name]: GroupKey,
  serials: readonly number[],
): void {
  const pids = serials.map((serial) => identities.pid(there.system, there.incarnation, serial));
  takeGroupChange(system, change, group(name, scope), pids);
}

function sendNamed(
  association: Association,
  from: Sender,
  to: string,
  message: Message,
  isOffered: boolean,
): void {
  const { system, backPressure } = association;
  const cell = system.names.get(to);
  if (cell === undefined) return system.reports.deadLetter(from.pid, name(to), message, 'noname');
  putIn(association, from, cell, isOffered ? OFFERED : wayTo(cell, cell.pid.serial), message);
  backPressure.look(cell);
}

function reply(association: Association, from: Sender, alias: number, value: unknown): void {
  const { system, watching } = association;
  const to = association.alias(system.name, system.incarnation, alias);
  const waiting = residentOfReplyTo(to) as Answerable | undefined;
  const isMail = waiting?.takes === 'mail';
  system.tapSent?.(from.pid, ownerOfReplyTo(to) ?? to, value, isMail ? AS_MESSAGE : AS_REPLY);
  // There, whoever has answered watches for us no more.
  watching.delete(-alias);
  // An alias takes messages alone, and whoever sent this could not know what it is.
  if (isMail && !isMessage(value)) system.reports.deadLetter(from.pid, to, value, 'unhandled');
  else if (waiting?.answer(value, from) !== true)
    system.reports.deadLetter(from.pid, to, value, 'late_reply');
}
