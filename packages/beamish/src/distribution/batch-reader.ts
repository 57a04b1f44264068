/**
 * Reads a batch signal by signal, in the format of `wire.ts`; `batch-writer.ts` is its counterpart. One
 * reader serves who lets a batch take effect and who tells of one that is lost.
 */

import { readShaped } from './shapes.ts';
import {
  ASK,
  type Batch,
  BOXED,
  FROM,
  isMessageKind,
  OPERANDS,
  PROTOCOL_VERSION,
  REPLY,
  SEND,
  SHAPE,
  TO,
  VERSION,
} from './wire.ts';

export class BatchReader {
  /** The serial of who sends the signal. */
  from = 0;
  /** Without its flag for boxes. A plain message is a `SEND`. */
  kind = 0;
  /** The first operand, and the last, which may have boxes in it. */
  a: unknown = undefined;
  last: unknown = undefined;
  isBoxed = false;
  readonly #batch: Batch;
  #at = 0;
  /** Where the signal began. */
  #began = 0;
  /** Who gets plain messages. */
  #to = 0;
  readonly #shapes: (readonly string[])[] = [];

  constructor(batch: Batch) {
    this.#batch = batch;
  }

  /** Goes on to the next signal; false at the end. @throws ProtocolError for a kind that is unknown. */
  next(): boolean {
    const batch = this.#batch;
    while (this.#at < batch.length) {
      const head = batch[this.#at];
      this.#began = this.#at;
      if (typeof head !== 'number') {
        this.#at++;
        return this.#plain(head);
      }
      if (head < 0) {
        const names = this.#shapes[~head];
        if (names === undefined)
          throw new ProtocolError(`it carries a message of an unknown shape, ${~head}`);
        const message = readShaped(batch, this.#at + 1, names);
        this.#at += 1 + names.length;
        return this.#plain(message);
      }
      const kind = head & ~BOXED;
      const operands = OPERANDS[kind];
      if (operands === undefined)
        throw new ProtocolError(`it carries a signal of an unknown kind, ${head}`);
      const a = batch[this.#at + 1];
      this.#at += 1 + operands;
      if (kind === FROM) this.from = a as number;
      else if (kind === TO) this.#to = a as number;
      else if (kind === SHAPE) this.#shapes.push(a as readonly string[]);
      else {
        this.kind = kind;
        this.a = a;
        this.last = batch[this.#at - 1];
        this.isBoxed = head !== kind;
        return true;
      }
    }
    return false;
  }

  /** The second operand of a signal that has three. */
  get second(): unknown {
    return this.#batch[this.#began + 2];
  }

  /** From this signal on, as a batch of its own. */
  rest(): Batch {
    const { from } = this;
    const shapes = this.#shapes.flatMap((names) => [SHAPE, names]);
    return [FROM, from, ...shapes, TO, this.#to, ...this.#batch.slice(this.#began)];
  }

  /** This signal alone, as a batch of its own. */
  alone(): Batch {
    const { from, kind, a, last } = this;
    const head = this.isBoxed ? kind | BOXED : kind;
    const operands =
      OPERANDS[kind] === 3 ? [a, this.second, last] : OPERANDS[kind] === 1 ? [a] : [a, last];
    return [FROM, from, head, ...operands];
  }

  #plain(message: unknown): true {
    this.kind = SEND;
    this.a = this.#to;
    this.last = message;
    this.isBoxed = false;
    return true;
  }
}

/** What came from another system is not of this protocol: it runs another version of beamish, or is no actor system. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';

  constructor(what: string) {
    super(
      `Cannot go on with a connection: ${what}. Both sides must run the same version of beamish`,
    );
  }
}

/** The first batch of a connection, without what it says of its protocol. @throws ProtocolError if it is another one. */
export function introduced(batch: Batch): Batch {
  const [kind, version] = batch;
  if (kind !== VERSION) throw new ProtocolError('its first message does not say its protocol');
  if (version !== PROTOCOL_VERSION) {
    throw new ProtocolError(
      `the other side has version ${String(version)} of the protocol, this one ${PROTOCOL_VERSION}`,
    );
  }
  return batch.slice(2);
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

/** The message, or the question, that a reader stands at, if it does. */
export function letterOf({ from, kind, a, isBoxed, last }: BatchReader): Letter | undefined {
  if (kind !== ASK && !isMessageKind(kind)) return undefined;
  return {
    from,
    to: typeof a === 'number' && a < 0 ? ~a : (a as number | string),
    isReply: kind === REPLY,
    isRequest: kind === ASK,
    isBoxed,
    message: last,
  };
}

/** What is told of a batch that is lost. */
export function* lettersOf(batch: Batch): Generator<Letter> {
  const reader = new BatchReader(batch);
  while (reader.next()) {
    const letter = letterOf(reader);
    if (letter !== undefined) yield letter;
  }
}
