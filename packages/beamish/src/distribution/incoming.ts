/** What another system tells this one: each kind of signal takes effect in one function, in the order in which they came. */

import { deliver, deliverOffered, exitSignal, isAwaited, isMessage } from '../signals/delivery.ts';
import { cellOfSerial } from '../signals/registry.ts';
import { Request } from '../signals/requests.ts';
import { type ActorCell, type Answerable, isAlive } from '../state/actor-cell.ts';
import {
  type Message,
  name,
  ReplyAlias,
  type ReplyTo,
  residentOfReplyTo,
  type Sender,
} from '../terms/pid.ts';
import { type Border, Stranger } from './border.ts';
import { unpack } from './codec.ts';
import { overflows } from './crowd.ts';
import {
  demonitor,
  down,
  link,
  linkedEnd,
  monitor,
  unlink,
  unlinked,
} from './incoming-relations.ts';
import { spawn } from './incoming-spawns.ts';
import { fromRow } from './rows.ts';
import {
  ASK,
  type Batch,
  BOXED,
  CREDIT,
  CROWDED,
  DEMONITOR,
  DOWN,
  EXIT,
  FROM,
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
export function take(border: Border, batch: Batch): Batch | undefined {
  const { home, crowd } = border;
  let from = new Stranger(border, 0);
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
        message = fromRow(batch, next, names);
        next += names.length;
      }
      border.took();
      if (to === undefined) tellDead(border, from, serialIn(operand), message);
      else if (way === SENT) deliver(from, to, message);
      else putIn(border, from, to, way, message);
      i = next;
      continue;
    }
    const kind = head & ~BOXED;
    const a = batch[i + 1];
    const last = i + (OPERANDS[kind] as number);
    if (kind === FROM) {
      from = new Stranger(border, a as number);
    } else if (kind === TO) {
      if (to !== undefined) crowd.look(to);
      const serial = serialIn(a as number);
      to = cellOfSerial(home, serial);
      if (to === undefined && border.isEarlyFor(serial))
        return restOf(batch, i, from, shapes, operand);
      operand = a as number;
      way = wayTo(to, operand);
    } else if (kind === SHAPE) {
      shapes.push(a as readonly string[]);
    } else if (kind === CREDIT) {
      border.outbox.credit(a as number);
    } else if (TO_ACTORS.has(kind) && typeof a === 'number' && border.isEarlyFor(serialIn(a))) {
      if (to !== undefined) crowd.look(to);
      return restOf(batch, i, from, shapes, operand);
    } else {
      const b = (head & BOXED) === 0 ? batch[last] : unpack(batch[last], border);
      if (kind === ASK)
        ask(border, from, a as number | string, batch[i + 2] as number, b as Question);
      else rareSignal(border, from, kind, a, b);
    }
    i = last + 1;
  }
  if (to !== undefined) crowd.look(to);
  return undefined;
}

/** A batch from `i` on, with what was said before. */
function restOf(
  batch: Batch,
  i: number,
  from: Stranger,
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

function putIn({ home }: Border, from: Sender, to: ActorCell, way: number, message: Message): void {
  if (way === OFFERED) deliverOffered(from, to, message);
  else if (way === SENT || isAwaited(to, message)) deliver(from, to, message);
  else home.reports.deadLetter(from.pid, to.pid, message, 'overflow');
}

function tellDead(border: Border, from: Sender, serial: number, message: unknown): void {
  const { home } = border;
  const pid = border.pid(home.name, home.incarnation, serial);
  home.reports.deadLetter(from.pid, pid, message, 'noproc');
}

/** Before it is given whom to answer. */
interface Question extends Message {
  replyTo?: ReplyTo;
}

/** A request: a monitor that the reply ends. */
function ask(
  border: Border,
  from: Stranger,
  target: number | string,
  alias: number,
  question: Question,
): void {
  const { home, there } = border;
  const cell = typeof target === 'string' ? home.names.get(target) : cellOfSerial(home, target);
  // A doomed one takes nothing, and its true reason is on the way.
  monitor(border, from, cell, -alias);
  if (cell === undefined || !isAlive(cell)) return;
  question.replyTo = new ReplyAlias(there.system, there.incarnation, alias, undefined);
  putIn(border, from, cell, wayTo(cell, cell.pid.serial), question);
  border.crowd.look(cell);
}

function rareSignal(border: Border, from: Stranger, kind: number, a: unknown, b: unknown): void {
  if (MESSAGES.has(kind)) border.took();
  switch (kind) {
    case SEND:
      return send(border, from, a as number, b as Message);
    case SEND_NAMED:
      return sendNamed(border, from, a as string, b as Message, false);
    case OFFER_NAMED:
      return sendNamed(border, from, a as string, b as Message, true);
    case CROWDED:
      return border.crowdedThere.add(a as number, b as string | undefined);
    case ROOM:
      return border.crowdedThere.delete(a as number);
    case REPLY:
      return reply(border, from, a as number, b);
    case EXIT: {
      const cell = cellOfSerial(border.home, a as number);
      return cell && exitSignal(from.pid, cell, b);
    }
    case LINK:
      return link(border, from, a as number);
    case LINKED_EXIT:
      return linkedEnd(border, from, a as number, b);
    case UNLINK:
      return unlink(border, from, a as number, b as number);
    case UNLINKED:
      return unlinked(border, from, a as number, b as number);
    case MONITOR:
      return monitor(border, from, cellOfSerial(border.home, a as number), b as number);
    case MONITOR_NAMED:
      return monitor(border, from, border.home.names.get(a as string), b as number);
    case DEMONITOR:
      return demonitor(border, a as number);
    case DOWN:
      return down(border, a as number, b);
    case SPAWN:
      return spawn(border, from, a as number, b as WireOrder);
    case GRANT:
      border.granted.push({ next: a as number, end: b as number });
  }
}

function send(border: Border, from: Sender, operand: number, message: Message): void {
  const serial = serialIn(operand);
  const cell = cellOfSerial(border.home, serial);
  if (cell === undefined) return tellDead(border, from, serial, message);
  putIn(border, from, cell, wayTo(cell, operand), message);
  border.crowd.look(cell);
}

function sendNamed(
  border: Border,
  from: Sender,
  to: string,
  message: Message,
  isOffered: boolean,
): void {
  const { home, crowd } = border;
  const cell = home.names.get(to);
  if (cell === undefined) return home.reports.deadLetter(from.pid, name(to), message, 'noname');
  putIn(border, from, cell, isOffered ? OFFERED : wayTo(cell, cell.pid.serial), message);
  crowd.look(cell);
}

function reply(border: Border, from: Sender, alias: number, value: unknown): void {
  const { home, watching } = border;
  const to = border.alias(home.name, home.incarnation, alias);
  home.tapSent?.(from.pid, to, value);
  const waiting = residentOfReplyTo(to) as Answerable | undefined;
  // There, whoever has answered watches for us no more.
  watching.delete(-alias);
  // An alias takes messages alone, and whoever sent this could not know what it is.
  if (waiting !== undefined && !(waiting instanceof Request) && !isMessage(value))
    home.reports.deadLetter(from.pid, to, value, 'unhandled');
  else if (waiting?.answer(value, from) !== true)
    home.reports.deadLetter(from.pid, to, value, 'late_reply');
}
