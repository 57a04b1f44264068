/**
 * What is on its way to one other system: signals are gathered into a batch, which leaves at the end of
 * the slice or when it is full. Only so many batches are under way at a time; the other side gives credit
 * for each that has taken effect. Beyond that they wait here, and messages beyond a limit are dropped and
 * told of: a sender that must not lose any offers them, which waits.
 */

import { Deque } from '../mailbox/deque.ts';
import type { Message } from '../terms/pid.ts';
import { isPlain } from './codec.ts';
import { readShaped, Shapes } from './shapes.ts';
import {
  ASK,
  type Batch,
  BOXED,
  CREDIT,
  FROM,
  MESSAGES,
  OPERANDS,
  REPLY,
  SEND,
  SHAPE,
  SPAWN,
  TO,
  type WireOrder,
} from './wire.ts';

/** Takes batches to the other side, in order, which come there later and not from within `post`. What it is given is its own. */
export interface Carrier {
  /** @throws what the carrier throws for what cannot be cloned; nothing has been carried then. */
  post(batch: Batch, transfer: readonly ArrayBuffer[]): void;
}

/** Slots of a batch that is full: more gain nothing, and hold back what could be under way. */
const FULL_SLOTS = 768;
/** Batches under way: enough to keep the other thread busy while credit is on its way back. */
const WINDOW = 64;
/** Messages that may wait here; at 100 bytes each, some 25 MB. */
const MOST_WAITING = 2 ** 18;

interface Parcel {
  readonly batch: Batch;
  readonly transfer: readonly ArrayBuffer[];
  readonly messages: number;
}

export class Outbox {
  readonly #carrier: Carrier;
  /** Tells that there is something to flush. */
  readonly #stir: () => void;
  readonly #lost: (batch: Batch) => void;
  #batch: Batch = [];
  /** Of the batch. Requests are not counted anywhere: who asked hears by their failure of what is lost. */
  #messages = 0;
  /** Who sends what is put in next. */
  #from = -1;
  /** Who gets the plain messages that are put in next. */
  #to = -1;
  readonly #shapes = new Shapes();
  readonly #waiting = new Deque<Parcel>();
  #messagesWaiting = 0;
  #underWay = 0;
  readonly #whenFree: (() => void)[] = [];
  #isClosed = false;
  /** Messages that the carrier has been given. */
  posted = 0;

  constructor(carrier: Carrier, stir: () => void, lost: (batch: Batch) => void) {
    this.#carrier = carrier;
    this.#stir = stir;
    this.#lost = lost;
  }

  get isFull(): boolean {
    return this.#underWay >= WINDOW;
  }

  /** Messages are dropped. */
  get overflows(): boolean {
    return this.#messagesWaiting >= MOST_WAITING;
  }

  whenFree(wake: () => void): void {
    this.#whenFree.push(wake);
  }

  put(from: number, kind: number, a: unknown, b?: unknown): void {
    const batch = this.#batch;
    if (batch.length === 0) this.#stir();
    if (from !== this.#from) {
      batch.push(FROM, from);
      this.#from = from;
    }
    if (OPERANDS[kind & ~BOXED] === 1) batch.push(kind, a);
    else batch.push(kind, a, b);
  }

  /** A message to an actor; false if it needs boxes, and is not put in. */
  putPlain(from: number, to: number, message: Message): boolean {
    const shape = this.#shapes.shapeOf(message);
    if (shape === undefined && !isPlain(message)) return false;
    const batch = this.#batch;
    if (batch.length === 0) this.#stir();
    if (from !== this.#from) {
      batch.push(FROM, from);
      this.#from = from;
    }
    if (to !== this.#to) {
      batch.push(TO, to);
      this.#to = to;
    }
    if (shape === undefined) batch.push(message);
    else this.#shapes.write(batch, shape);
    this.#messages++;
    if (batch.length >= FULL_SLOTS) this.flush();
    return true;
  }

  putAsk(from: number, kind: number, to: unknown, alias: number, message: unknown): void {
    this.put(from, kind, to, alias);
    this.#batch.push(message);
    if (this.#batch.length >= FULL_SLOTS) this.flush();
  }

  /** A message, after which a batch may be full: whatever else is put in twos stays together. */
  putMessage(from: number, kind: number, to: unknown, message: unknown): void {
    const batch = this.#batch;
    if (batch.length === 0) this.#stir();
    if (from !== this.#from) {
      batch.push(FROM, from);
      this.#from = from;
    }
    batch.push(kind, to, message);
    this.#messages++;
    if (batch.length >= FULL_SLOTS) this.flush();
  }

  /** A message whose buffers leave at once, so that whoever gives what cannot be moved hears of it. @throws as the carrier does. */
  putMoving(
    from: number,
    kind: number,
    to: unknown,
    message: unknown,
    transfer: readonly ArrayBuffer[],
  ): void {
    this.flush();
    const parcel = { batch: [FROM, from, kind, to, message], transfer, messages: 1 };
    if (this.isFull || this.#waiting.length > 0) this.#wait(parcel);
    else this.#post(parcel);
  }

  /** Sends what may be sent now. */
  flush(): void {
    if (this.#isClosed) return;
    if (this.#batch.length > 0 && (!this.isFull || this.#batch.length >= FULL_SLOTS)) {
      const parcel = { batch: this.#batch, transfer: [], messages: this.#messages };
      this.#batch = [];
      this.#messages = 0;
      this.#from = this.#to = -1;
      this.#shapes.clear();
      this.#wait(parcel);
    }
    while (this.#waiting.length > 0 && !this.isFull) {
      const parcel = this.#waiting.shift() as Parcel;
      this.#messagesWaiting -= parcel.messages;
      try {
        this.#post(parcel);
      } catch {
        // Something in it cannot be cloned, as a buffer that was moved since: only that is lost.
        this.#postEach(parcel);
      }
    }
  }

  /** So many batches have taken effect there. */
  credit(batches: number): void {
    this.#underWay -= batches;
    this.flush();
    if (!this.isFull) this.#wakeAll();
  }

  /** Gives credit; that needs none. */
  giveCredit(batches: number): void {
    this.#carrier.post([CREDIT, batches], []);
  }

  /** What has not left is told of, message by message. */
  close(): void {
    this.#isClosed = true;
    for (let parcel = this.#waiting.shift(); parcel !== undefined; parcel = this.#waiting.shift())
      this.#lost(parcel.batch);
    if (this.#batch.length > 0) this.#lost(this.#batch);
    this.#wakeAll();
  }

  #wait(parcel: Parcel): void {
    this.#waiting.push(parcel);
    this.#messagesWaiting += parcel.messages;
  }

  #post({ batch, transfer, messages }: Parcel): void {
    this.#carrier.post(batch, transfer);
    this.posted += messages;
    this.#underWay++;
  }

  #postEach({ batch, transfer }: Parcel): void {
    for (const { from, slots } of signalsOf(batch)) {
      const alone = [FROM, from, ...slots];
      const messages = MESSAGES.has((slots[0] as number) & ~BOXED) ? 1 : 0;
      try {
        this.#post({ batch: alone, transfer, messages });
      } catch {
        // The carrier says only that it cannot; the message in the report shows why.
        if (slots[0] === (SPAWN | BOXED)) this.#postBare(from, slots[1], slots[2] as WireOrder);
        else this.#lost(alone);
      }
    }
  }

  /** A spawn whose arguments cannot be cloned: its actor is to end there, as others may know of it. */
  #postBare(from: number, serial: unknown, order: WireOrder): void {
    const batch = [FROM, from, SPAWN | BOXED, serial, { ...order, args: undefined }];
    this.#post({ batch, transfer: [], messages: 0 });
  }

  #wakeAll(): void {
    for (const wake of this.#whenFree.splice(0)) wake();
  }
}

interface WireSignal {
  readonly from: number;
  readonly slots: readonly unknown[];
}

function* signalsOf(batch: Batch): Generator<WireSignal> {
  let from = 0;
  let to = 0;
  const shapes: (readonly string[])[] = [];
  for (let i = 0; i < batch.length; ) {
    const kind = batch[i];
    if (typeof kind !== 'number') {
      yield { from, slots: [SEND, to, kind] };
      i++;
      continue;
    }
    if (kind < 0) {
      const names = shapes[~kind] as readonly string[];
      yield { from, slots: [SEND, to, readShaped(batch, i + 1, names)] };
      i += 1 + names.length;
      continue;
    }
    const next = i + 1 + (OPERANDS[kind & ~BOXED] as number);
    if (kind === FROM) from = batch[i + 1] as number;
    else if (kind === TO) to = batch[i + 1] as number;
    else if (kind === SHAPE) shapes.push(batch[i + 1] as readonly string[]);
    else yield { from, slots: batch.slice(i, next) };
    i = next;
  }
}

/** A message, or a question, of a batch. */
export interface Letter {
  readonly from: number;
  /** By serial, by name, or by the alias of a reply address. */
  readonly to: number | string;
  readonly isReply: boolean;
  readonly isRequest: boolean;
  readonly isBoxed: boolean;
  readonly message: unknown;
}

/** What is told of a batch that is lost. */
export function* lettersOf(batch: Batch): Generator<Letter> {
  for (const { from, slots } of signalsOf(batch)) {
    const [head, to] = slots as [number, number | string];
    const kind = head & ~BOXED;
    if (kind !== ASK && !MESSAGES.has(kind)) continue;
    yield {
      from,
      to: typeof to === 'number' && to < 0 ? ~to : to,
      isReply: kind === REPLY,
      isRequest: kind === ASK,
      isBoxed: head !== kind,
      message: slots.at(-1),
    };
  }
}
