/**
 * What crosses the association: batches, each a flat array of signals, each a kind and its operands, since one
 * array of many small things is what a structured clone copies fastest. Actors are known by their serial
 * in the system that they belong to. `FROM` says who sends all that follows it in its batch, and `TO` who
 * gets the plain messages that stand there without a kind, as most do: as an object, or as a row, whose
 * head is the complement of the number of its shape, followed by its values.
 */

/** serial */
export const FROM = 0;
/** serial, or its complement if it is offered, message: of a message with boxes, or that stands alone */
export const SEND = 1;
/** name, message */
export const SEND_NAMED = 2;
/** alias, value */
export const REPLY = 3;
/** serial, reason */
export const EXIT = 4;
/** serial */
export const LINK = 5;
/** serial, reason */
export const LINKED_EXIT = 6;
/** serial, number: a request to take the link back, which is acknowledged */
export const UNLINK = 7;
/** serial, number: the acknowledgement */
export const UNLINKED = 8;
/** serial, key */
export const MONITOR = 9;
/** name, key */
export const MONITOR_NAMED = 10;
/** key */
export const DEMONITOR = 11;
/** key, reason */
export const DOWN = 12;
/** serial, order */
export const SPAWN = 13;
/** first serial, serial after the last: for actors that the other side spawns here */
export const GRANT = 14;
/** number of batches that have taken effect: in a batch by itself, which needs no credit */
export const CREDIT = 15;

/** serial, or its complement if what follows is offered */
export const TO = 16;
/** serial or name, alias, message: a request, which is a monitor as well, until it is answered from there */
export const ASK = 17;
/** name, message: one that is offered */
export const OFFER_NAMED = 18;
/** serial, name: of an actor that has as much mail as it should have from here, until there is room */
export const FULL = 19;
/** serial */
export const ROOM = 20;
/** names of the fields of a shape: the shapes of a batch are numbered as they come */
export const SHAPE = 21;

/** version of this protocol: in the first batch of each side, before all else */
export const VERSION = 22;
/** Raised with each change of what crosses. Both sides must have the same. */
export const PROTOCOL_VERSION = 2;

/** scope and group, serials: of actors that have joined it */
export const JOIN = 23;
/** scope and group, serials: of actors that have left it */
export const LEAVE = 24;

/** Whether a kind carries a message; requests are told apart. */
export function isMessageKind(kind: number): boolean {
  return kind === SEND || kind === SEND_NAMED || kind === OFFER_NAMED || kind === REPLY;
}

/** Added to a kind whose last operand has boxes in it. */
export const BOXED = 32;

/** How many operands each kind has. */
export const OPERANDS: readonly number[] = [
  1, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 1, 2, 2, 2, 1, 1, 3, 2, 2, 1, 1, 1, 2, 2,
];

/** What one system sends to another at a time. A transport carries it as it is: by structured clone, or by a codec for all that this can carry. */
export type Batch = unknown[];

/** A spawn, as it crosses. */
export interface WireOrder {
  readonly module: string;
  readonly exportName: string;
  /** Undefined if they could not be cloned. */
  readonly args: readonly unknown[] | undefined;
  readonly name: string | undefined;
  readonly mailbox: { readonly limit: number; readonly overflow: 'wait' } | undefined;
  readonly startTimeoutMs: number | undefined;
  /** The alias that waits to hear how the start went; 0 if nobody does. */
  readonly started: number;
  readonly trapping: boolean;
}
