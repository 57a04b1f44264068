/**
 * What is written of exchanges and queues. An entry of the journal is a length, a head as JSON, and, of a
 * message, its body. Messages have numbers of their own, which rise and are never used again: whatever is
 * told twice changes nothing the second time.
 */

import type { HeaderTable, HeaderValue } from '../terms/header-table.ts';
import type { Death, DeliveredProperties } from '../terms/messages.ts';
import type { QueueOptions } from '../terms/queue.ts';

export const FORMAT = { name: 'beamish.exchange', version: 1 } as const;

export type Head =
  | {
      readonly is: 'exchange';
      readonly exchange: string;
      readonly type: string;
      readonly autoDelete: boolean;
      readonly alternate: string | undefined;
    }
  | { readonly is: 'queue'; readonly queue: string; readonly options: QueueFacts }
  | { readonly is: 'no_exchange'; readonly exchange: string }
  | { readonly is: 'no_queue'; readonly queue: string }
  | {
      readonly is: 'binding' | 'no_binding';
      /** Who is bound: one of the two. */
      readonly queue?: string;
      readonly exchange?: string;
      readonly from: string;
      readonly key: string;
      readonly arguments: HeaderTable;
    }
  | MessageHead
  /** By queue, the numbers of messages. */
  | {
      readonly is: 'settled';
      readonly of: readonly (readonly [string, readonly number[]])[];
    }
  /** Of a queue, by priority, the number up to which its messages may have been handed out. */
  | {
      readonly is: 'mark';
      readonly queue: string;
      /** Higher than that of any before, of whatever queue. */
      readonly nth: number;
      readonly upTo: readonly number[];
    }
  | {
      readonly is: 'crashed';
      readonly queue: string;
      readonly id: number;
      readonly crashes: number;
    };

export interface MessageHead {
  readonly is: 'message';
  readonly id: number;
  readonly queues: readonly string[];
  /** Where it came from, if it was moved: it is there no more. */
  readonly from?: readonly [queue: string, id: number] | undefined;
  readonly exchange: string;
  readonly key: string;
  readonly contentType: string;
  /** When it came, by the calendar. */
  readonly at: number;
  readonly priority?: number | undefined;
  readonly expirationMs?: number | undefined;
  readonly headers?: HeaderTable | undefined;
  readonly properties: DeliveredProperties;
  readonly history: readonly Death[];
}

/** Of a queue's options, what is data. */
export interface QueueFacts
  extends Pick<
    QueueOptions<unknown>,
    'priorities' | 'ttl' | 'limit' | 'maxCrashes' | 'singleActiveConsumer'
  > {
  readonly lifetime?: 'auto_delete';
  readonly deadLetter?: { readonly exchange: string; readonly key?: string };
  readonly isQuarantine?: boolean;
}

const decoder = new TextDecoder();
const NO_BODY = new Uint8Array(0);
const LENGTH_BYTES = 4;

/** With `isPlain`, there is nothing in the head that JSON has not: to look for it takes longer than all the rest. */
export function encodeRecord(head: Head, body: Uint8Array = NO_BODY, isPlain = false): Uint8Array {
  const text = isPlain ? JSON.stringify(head) : JSON.stringify(head, tagged);
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + length + body.length);
  bytes.writeUInt32LE(length, 0);
  bytes.write(text, LENGTH_BYTES, length);
  bytes.set(body, LENGTH_BYTES + length);
  return bytes;
}

export function decodeHead(bytes: Uint8Array): Head {
  const end = LENGTH_BYTES + headLength(bytes);
  return JSON.parse(decoder.decode(bytes.subarray(LENGTH_BYTES, end)), untagged) as Head;
}

/** A copy, which keeps nothing else alive. */
export function bodyOf(bytes: Uint8Array): Uint8Array {
  return bytes.slice(LENGTH_BYTES + headLength(bytes));
}

function headLength(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
}

/** What JSON has not: an object with one property `$…`; one that has such a property itself is wrapped as a list of its own. */
function tagged(this: unknown, name: string, value: HeaderValue): unknown {
  // JSON has made a text of a date before it asks.
  const raw = (this as Record<string, unknown>)[name];
  if (raw instanceof Date) return { $date: raw.getTime() };
  if (typeof value === 'bigint') return { $bigint: String(value) };
  if (value instanceof Uint8Array) return { $bytes: Array.from(value) };
  if (isMarked(value)) return { $table: Object.entries(value) };
  return value;
}

function untagged(_: string, value: unknown): unknown {
  if (!isMarked(value)) return value;
  const [[mark, content]] = Object.entries(value) as [[string, unknown]];
  switch (mark) {
    case '$date':
      return new Date(content as number);
    case '$bigint':
      return BigInt(content as string);
    case '$bytes':
      return Uint8Array.from(content as number[]);
    default:
      return Object.fromEntries(content as [string, unknown][]);
  }
}

const MARKS = ['$date', '$bigint', '$bytes', '$table'];

function isMarked(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const [name, ...others] = Object.keys(value);
  return name !== undefined && others.length === 0 && MARKS.includes(name);
}
