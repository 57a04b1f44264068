/**
 * What is on its way to one other system: signals are gathered into a batch, which leaves at the end of
 * the slice or when it is full. Only so many batches are under way at a time; the other side gives credit
 * for each that has taken effect. Beyond that they wait here, and messages beyond a limit are dropped and
 * told of: a sender that must not lose any offers them, which waits.
 */

import { Deque } from '../mailbox/deque.ts';
import type { Message } from '../terms/pid.ts';
import { BatchReader } from './batch-reader.ts';
import { BatchWriter } from './batch-writer.ts';
import { type Batch, CREDIT, FROM, isMessageKind, PROTOCOL_VERSION, VERSION } from './wire.ts';

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

/** Decides what becomes of a signal that cannot be cloned, and returns what leaves in its place. */
export type Refused = (signal: BatchReader, thrown: unknown) => Batch | undefined;

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
  readonly #refused: Refused;
  readonly #writer = new BatchWriter();
  readonly #waiting = new Deque<Parcel>();
  #messagesWaiting = 0;
  #underWay = 0;
  readonly #whenFree: (() => void)[] = [];
  #isClosed = false;
  /** The other side has been told which protocol this is. */
  #isIntroduced = false;
  /** Messages that the carrier has been given. */
  posted = 0;

  constructor(carrier: Carrier, stir: () => void, lost: (batch: Batch) => void, refused: Refused) {
    this.#carrier = carrier;
    this.#stir = stir;
    this.#lost = lost;
    this.#refused = refused;
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
    if (this.#writer.length === 0) this.#stir();
    this.#writer.signal(from, kind, a, b);
  }

  /** A message to an actor; false if it needs boxes, and is not put in. */
  putPlain(from: number, to: number, message: Message): boolean {
    const writer = this.#writer;
    const isFirst = writer.length === 0;
    if (!writer.plain(from, to, message)) return false;
    if (isFirst) this.#stir();
    if (writer.length >= FULL_SLOTS) this.flush();
    return true;
  }

  putAsk(from: number, kind: number, to: unknown, alias: number, message: unknown): void {
    this.put(from, kind, to, alias);
    this.#writer.operand(message);
    if (this.#writer.length >= FULL_SLOTS) this.flush();
  }

  /** A message, after which a batch may be full: whatever else is put in twos stays together. */
  putMessage(from: number, kind: number, to: unknown, message: unknown): void {
    const writer = this.#writer;
    if (writer.length === 0) this.#stir();
    writer.message(from, kind, to, message);
    if (writer.length >= FULL_SLOTS) this.flush();
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
    const { length } = this.#writer;
    if (length > 0 && (!this.isFull || length >= FULL_SLOTS))
      this.#wait({ ...this.#writer.take(), transfer: [] });
    while (this.#waiting.length > 0 && !this.isFull) {
      const parcel = this.#waiting.shift() as Parcel;
      this.#messagesWaiting -= parcel.messages;
      try {
        this.#post(parcel);
      } catch {
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
    this.#carrier.post(this.#introduced([CREDIT, batches]), []);
    this.#isIntroduced = true;
  }

  /** What has not left is told of, message by message. */
  close(): void {
    this.#isClosed = true;
    for (let parcel = this.#waiting.shift(); parcel !== undefined; parcel = this.#waiting.shift())
      this.#lost(parcel.batch);
    if (this.#writer.length > 0) this.#lost(this.#writer.take().batch);
    this.#wakeAll();
  }

  #wait(parcel: Parcel): void {
    this.#waiting.push(parcel);
    this.#messagesWaiting += parcel.messages;
  }

  #post({ batch, transfer, messages }: Parcel): void {
    this.#carrier.post(this.#introduced(batch), transfer);
    this.#isIntroduced = true;
    this.posted += messages;
    this.#underWay++;
  }

  #introduced(batch: Batch): Batch {
    return this.#isIntroduced ? batch : [VERSION, PROTOCOL_VERSION, ...batch];
  }

  /** Something in it cannot be cloned; the carrier does not say what. */
  #postEach({ batch, transfer }: Parcel): void {
    const reader = new BatchReader(batch);
    while (reader.next()) {
      try {
        const messages = isMessageKind(reader.kind) ? 1 : 0;
        this.#post({ batch: reader.alone(), transfer, messages });
      } catch (thrown) {
        const instead = this.#refused(reader, thrown);
        if (instead !== undefined) this.#post({ batch: instead, transfer: [], messages: 0 });
      }
    }
  }

  #wakeAll(): void {
    for (const wake of this.#whenFree.splice(0)) wake();
  }
}
