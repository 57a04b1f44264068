/** What another system tells this one: each kind of signal takes effect in one function, in the order in which they came. */

import { deliver, deliverOffered, isMessage } from '../signals/delivery.ts';
import { exitSignal } from '../signals/exit-signals.ts';
import { Request } from '../signals/requests.ts';
import { isAwaited } from '../signals/wake.ts';
import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import { cellOfSerial } from '../state/actor-table.ts';
import type { Answerable } from '../state/watch.ts';
import {
  type Message,
  name,
  ReplyAlias,
  type ReplyTo,
  residentOfReplyTo,
  type Sender,
} from '../terms/pid.ts';
import { type Association, RemoteSender } from './association.ts';
import { overflows } from './back-pressure.ts';
import { unpack } from './codec.ts';
import { demonitor, down, link, linkedEnd, monitor, unlink, unlinked } from './incoming-links.ts';
import { spawn } from './incoming-spawns.ts';
import { readShaped } from './shapes.ts';
import {
  ASK,
  type Batch,
  BOXED,
  CREDIT,
  DEMONITOR,
  DOWN,
  EXIT,
  FROM,
  FULL,
  GRANT,
  LINK,
  LINKED_EXIT,
  MESSAGES,
  MONITOR,
  MONITOR_NAMED,
  OFFER_NAMED,
  OPERANDS,
  REPLY,
  ROOM,
  SEND,
  SEND_NAMED,
  SHAPE,
  SPAWN,
  TO,
  UNLINK,
  UNLINKED,
  type WireOrder,
} from './wire.ts';

/** The kinds that are for an actor that may be on its way, and is told of by its serial. */
const TO_ACTORS: ReadonlySet<number> = new Set([SEND, ASK, EXIT, LINK, MONITOR]);

/** How the plain messages of a run go into the mailbox of whom they are for. */
const SENT = 0;
const OFFERED = 1;
const DROPPED = 2;

/** Lets a batch take effect; returns what is to wait for an actor that is to be spawned, and all that comes behind. */
export function take(association: Association, batch: Batch): Batch | undefined {
  const { system, backPressure } = association;
  let from = new RemoteSender(association, 0);
  /** Who gets the plain messages; nobody ends while a batch takes effect. */
  let to: ActorCell | undefined;
  let operand = 0;
  let way = SENT;
  const shapes: (readonly string[])[] = [];
  for (let i = 0; i < batch.length; ) {
    const head = batch[i];
    if (typeof head !== 'number' || head < 0) {
      let message = head as Message;
      let next = i + 1;
      if (typeof head === 'number') {
        const names = shapes[~head] as readonly string[];
        message = readShaped(batch, next, names);
        next += names.length;
      }
      association.took();
      if (to === undefined) tellDead(association, from, serialIn(operand), message);
      else if (way === SENT) deliver(from, to, message);
      else putIn(association, from, to, way, message);
      i = next;
      continue;
    }
    const kind = head & ~BOXED;
    const a = batch[i + 1];
    const last = i + (OPERANDS[kind] as number);
    if (kind === FROM) {
      from = new RemoteSender(association, a as number);
    } else if (kind === TO) {
      if (to !== undefined) backPressure.look(to);
      const serial = serialIn(a as number);
      to = cellOfSerial(system, serial);
      if (to === undefined && association.isEarlyFor(serial))
        return restOf(batch, i, from, shapes, operand);
      operand = a as number;
      way = wayTo(to, operand);
    } else if (kind === SHAPE) {
      shapes.push(a as readonly string[]);
    } else if (kind === CREDIT) {
      association.outbox.credit(a as number);
    } else if (
      TO_ACTORS.has(kind) &&
      typeof a === 'number' &&
      association.isEarlyFor(serialIn(a))
    ) {
      if (to !== undefined) backPressure.look(to);
      return restOf(batch, i, from, shapes, operand);
    } else {
      const b = (head & BOXED) === 0 ? batch[last] : unpack(batch[last], association);
      if (kind === ASK)
        takeRequest(
          association,
          from,
          a as number | string,
          batch[i + 2] as number,
          b as Unanswerable,
        );
      else rareSignal(association, from, kind, a, b);
    }
    i = last + 1;
  }
  if (to !== undefined) backPressure.look(to);
  return undefined;
}

/** A batch from `i` on, with what was said before. */
function restOf(
  batch: Batch,
  i: number,
  from: RemoteSender,
  shapes: readonly (readonly string[])[],
  operand: number,
): Batch {
  return [
    FROM,
    from.serial,
    ...shapes.flatMap((shape) => [SHAPE, shape]),
    TO,
    operand,
    ...batch.slice(i),
  ];
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
  const cell = typeof target === 'string' ? system.names.get(target) : cellOfSerial(system, target);
  // An exiting one takes nothing, and its true reason is on the way.
  monitor(association, from, cell, -alias);
  if (cell === undefined || !isAlive(cell)) return;
  question.replyTo = new ReplyAlias(there.system, there.incarnation, alias, undefined);
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
  if (MESSAGES.has(kind)) association.took();
  switch (kind) {
    case SEND:
      return send(association, from, a as number, b as Message);
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
      const cell = cellOfSerial(association.system, a as number);
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
      return monitor(association, from, cellOfSerial(association.system, a as number), b as number);
    case MONITOR_NAMED:
      return monitor(association, from, association.system.names.get(a as string), b as number);
    case DEMONITOR:
      return demonitor(association, a as number);
    case DOWN:
      return down(association, a as number, b);
    case SPAWN:
      return spawn(association, from, a as number, b as WireOrder);
    case GRANT:
      association.granted.push({ next: a as number, end: b as number });
  }
}

function send(association: Association, from: Sender, operand: number, message: Message): void {
  const serial = serialIn(operand);
  const cell = cellOfSerial(association.system, serial);
  if (cell === undefined) return tellDead(association, from, serial, message);
  putIn(association, from, cell, wayTo(cell, operand), message);
  association.backPressure.look(cell);
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
  system.tapSent?.(from.pid, to, value);
  const waiting = residentOfReplyTo(to) as Answerable | undefined;
  // There, whoever has answered watches for us no more.
  watching.delete(-alias);
  // An alias takes messages alone, and whoever sent this could not know what it is.
  if (waiting !== undefined && !(waiting instanceof Request) && !isMessage(value))
    system.reports.deadLetter(from.pid, to, value, 'unhandled');
  else if (waiting?.answer(value, from) !== true)
    system.reports.deadLetter(from.pid, to, value, 'late_reply');
}
