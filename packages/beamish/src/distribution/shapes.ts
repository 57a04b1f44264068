/**
 * Messages of one shape cross as shapes: their batch names the fields once, and each message is its values.
 * A structured clone would write the names each time and look each of them up on the other side, which
 * takes more than half of its time.
 */

import type { Message } from '../terms/pid.ts';
import { isPlain } from './boxes.ts';
import { type Batch, SHAPE } from './wire.ts';

/** The fields of a message, in order. */
export interface Shape {
  readonly tag: string;
  readonly names: readonly string[];
  /** Which one of its batch it is, from the first row on. */
  number: number | undefined;
}

/** Shapes that are told apart in one batch; further ones cross as they are. */
const MOST_SHAPES = 8;

/** The shapes of the batch that is gathered. */
export class Shapes {
  readonly #seen: Shape[] = [];
  #numbered = 0;
  /** Those of the message whose shape was found last; not in the batch at once, as a getter may throw before all are there. */
  readonly #values: unknown[] = [];
  /** How often those have begun to be read: a getter may send something itself before all are there. */
  #readings = 0;

  /** The shape of a plain message; none of the first one of its kind, as a name is not worth it for one. */
  shapeOf(message: Message): Shape | undefined {
    const { tag } = message;
    for (const shape of this.#seen)
      if (shape.tag === tag && this.#fits(message, shape.names)) return shape;
    if (this.#seen.length < MOST_SHAPES && isPlain(message)) {
      const names = Object.keys(message);
      // A field of this name cannot be assigned.
      if (!names.includes('__proto__')) this.#seen.push({ tag, names, number: undefined });
    }
    return undefined;
  }

  /** Writes down the message whose shape was found last. */
  write(batch: Batch, shape: Shape): void {
    if (shape.number === undefined) {
      shape.number = this.#numbered++;
      batch.push(SHAPE, shape.names);
    }
    batch.push(~shape.number);
    for (let i = 0; i < shape.names.length; i++) batch.push(this.#values[i]);
  }

  /** The batch has left. */
  clear(): void {
    // A call has none, and to set three lengths takes a twentieth of its time.
    if (this.#seen.length === 0) return;
    this.#seen.length = this.#values.length = this.#numbered = 0;
  }

  #fits(message: Message, names: readonly string[]): boolean {
    if (Object.getPrototypeOf(message) !== Object.prototype) return false;
    const reading = ++this.#readings;
    let i = 0;
    for (const name in message) {
      const value: unknown = message[name as keyof Message];
      if (name !== names[i] || !isPlain(value, 1)) return false;
      this.#values[i++] = value;
    }
    return i === names.length && reading === this.#readings;
  }
}

/** The message whose values stand in a batch from here on. */
export function readShaped(batch: Batch, at: number, names: readonly string[]): Message {
  const message: Record<string, unknown> = {};
  for (let i = 0; i < names.length; i++) message[names[i] as string] = batch[at + i];
  return message as unknown as Message;
}
