/**
 * Writes the batch that is gathered for another system, in the format of `wire.ts`; `batch-reader.ts` is its
 * counterpart. Who sends and who gets a plain message is written only where it changes.
 */

import type { Message } from '../terms/pid.ts';
import { isPlain } from './boxes.ts';
import { Shapes } from './shapes.ts';
import { type Batch, BOXED, FROM, OPERANDS, TO } from './wire.ts';

export class BatchWriter {
  #batch: Batch = [];
  /** Requests are not counted anywhere: who asked hears by their failure of what is lost. */
  #messages = 0;
  /** Who sends what is written next. */
  #from = -1;
  /** Who gets the plain messages that are written next. */
  #to = -1;
  readonly #shapes = new Shapes();

  /** Slots that are used. */
  get length(): number {
    return this.#batch.length;
  }

  /** Any signal of one operand or two; of more than two, the rest follows by `operand`. */
  signal(from: number, kind: number, a: unknown, b?: unknown): void {
    this.#sender(from);
    if (OPERANDS[kind & ~BOXED] === 1) this.#batch.push(kind, a);
    else this.#batch.push(kind, a, b);
  }

  operand(value: unknown): void {
    this.#batch.push(value);
  }

  message(from: number, kind: number, to: unknown, message: unknown): void {
    this.#sender(from);
    this.#batch.push(kind, to, message);
    this.#messages++;
  }

  /** A message to an actor; false if it needs boxes, and is not written. */
  plain(from: number, to: number, message: Message): boolean {
    const shape = this.#shapes.shapeOf(message);
    if (shape === undefined && !isPlain(message)) return false;
    this.#sender(from);
    const batch = this.#batch;
    if (to !== this.#to) {
      batch.push(TO, to);
      this.#to = to;
    }
    if (shape === undefined) batch.push(message);
    else this.#shapes.write(batch, shape);
    this.#messages++;
    return true;
  }

  /** What has been written, and how many messages that is; the next batch begins. */
  take(): { readonly batch: Batch; readonly messages: number } {
    const taken = { batch: this.#batch, messages: this.#messages };
    this.#batch = [];
    this.#messages = 0;
    this.#from = this.#to = -1;
    this.#shapes.clear();
    return taken;
  }

  #sender(from: number): void {
    if (from === this.#from) return;
    this.#batch.push(FROM, from);
    this.#from = from;
  }
}
