/**
 * How a segment begins: who may read it, and what it goes on from. Little-endian:
 *
 *     magic BMJL · format version u16 · owner's version u16 · segment number u32 · salt u32
 *     · number of the last group before it u64 · length of the owner's name u16 · the name in UTF-8
 *     · CRC-32 of all this u32
 *
 * Everything up to that group had been synced when the header was written. What an earlier segment has
 * behind it is no part of the journal: a write that failed, and was to be cut off.
 */

import { crc32 } from './crc32.ts';
import { getUint64, setUint64 } from './uint64.ts';

/** Of the files, not of what their owner writes. */
export const FORMAT_VERSION = 1;

/** What is known of a segment before it is made. */
export interface SegmentIdentity {
  readonly number: number;
  /** Of the CRC of each group: so nobody can write an entry that looks like a group of this segment. */
  readonly salt: number;
  readonly owner: string;
  readonly ownerVersion: number;
}

export interface SegmentHeader extends SegmentIdentity {
  /** Number of the last group before its first one. */
  readonly after: number;
}

/** What the first bytes of a file are. */
export type FirstBytes =
  | { readonly kind: 'header'; readonly header: SegmentHeader; readonly length: number }
  /** It does not check: not finished, or damaged. */
  | { readonly kind: 'bad' }
  | { readonly kind: 'later_version' }
  | { readonly kind: 'no_journal' };

const MAGIC = new TextEncoder().encode('BMJL');
const FORMAT_AT = 4;
const OWNER_VERSION_AT = 6;
const NUMBER_AT = 8;
const SALT_AT = 12;
const AFTER_AT = 16;
const NAME_LENGTH_AT = 24;
const NAME_AT = 26;
const CRC_BYTES = 4;
export const LONGEST_NAME = 0xffff;
export const LONGEST_HEADER = NAME_AT + LONGEST_NAME + CRC_BYTES;

export function fileNameOf(segment: number): string {
  return `${String(segment).padStart(10, '0')}.log`;
}

/** Undefined for files that are no segments. */
export function segmentNamed(file: string): number | undefined {
  return /^\d{10}\.log$/.test(file) ? Number(file.slice(0, 10)) : undefined;
}

export function headerLength(owner: string): number {
  return NAME_AT + new TextEncoder().encode(owner).length + CRC_BYTES;
}

export function encodeHeader(header: SegmentHeader): Uint8Array {
  const name = new TextEncoder().encode(header.owner);
  const bytes = new Uint8Array(NAME_AT + name.length + CRC_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint16(FORMAT_AT, FORMAT_VERSION, true);
  view.setUint16(OWNER_VERSION_AT, header.ownerVersion, true);
  view.setUint32(NUMBER_AT, header.number, true);
  view.setUint32(SALT_AT, header.salt, true);
  setUint64(view, AFTER_AT, header.after);
  view.setUint16(NAME_LENGTH_AT, name.length, true);
  bytes.set(name, NAME_AT);
  view.setUint32(NAME_AT + name.length, crc32(bytes.subarray(0, NAME_AT + name.length)), true);
  return bytes;
}

/** `bytes` are the beginning of a file, as much as there is, up to `LONGEST_HEADER`. */
export function decodeHeader(bytes: Uint8Array): FirstBytes {
  if (!beginsLike(bytes)) {
    // Only the magic is wrong: damage, as nobody else writes the rest.
    return checks(withFirst(bytes, MAGIC)) ? { kind: 'bad' } : { kind: 'no_journal' };
  }
  if (bytes.length < NAME_AT) return { kind: 'bad' };
  const view = viewOf(bytes);
  const format = view.getUint16(FORMAT_AT, true);
  if (format > FORMAT_VERSION && !isOneBitOff(bytes)) return { kind: 'later_version' };
  if (!checks(bytes)) return { kind: 'bad' };
  if (format > FORMAT_VERSION) return { kind: 'later_version' };
  const nameEnd = NAME_AT + view.getUint16(NAME_LENGTH_AT, true);
  return {
    kind: 'header',
    header: {
      ownerVersion: view.getUint16(OWNER_VERSION_AT, true),
      number: view.getUint32(NUMBER_AT, true),
      salt: view.getUint32(SALT_AT, true),
      after: getUint64(view, AFTER_AT),
      owner: new TextDecoder().decode(bytes.subarray(NAME_AT, nameEnd)),
    },
    length: nameEnd + CRC_BYTES,
  };
}

/** With the magic, or as much of it as there is; or with zeros, as a file has whose size was kept and its data not. */
function beginsLike(bytes: Uint8Array): boolean {
  const first = bytes.subarray(0, MAGIC.length);
  return first.every((byte, i) => byte === MAGIC[i]) || bytes.every((byte) => byte === 0);
}

function checks(bytes: Uint8Array): boolean {
  if (bytes.length < NAME_AT) return false;
  const view = viewOf(bytes);
  const end = NAME_AT + view.getUint16(NAME_LENGTH_AT, true);
  if (end + CRC_BYTES > bytes.length) return false;
  return crc32(bytes.subarray(0, end)) === view.getUint32(end, true);
}

/** A later version may have another header; a single flipped bit is damage to one of this version. */
function isOneBitOff(bytes: Uint8Array): boolean {
  const off = viewOf(bytes).getUint16(FORMAT_AT, true) ^ FORMAT_VERSION;
  const restored = withFirst(bytes, Uint8Array.of(...MAGIC, FORMAT_VERSION, 0));
  return (off & (off - 1)) === 0 && checks(restored);
}

function withFirst(bytes: Uint8Array, first: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy.set(first.subarray(0, copy.length));
  return copy;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
