/**
 * A group: what one write puts into a segment, there whole or not at all. Little-endian:
 *
 *     marker BMJG · length of what follows the CRC u32 · CRC-32 of the segment's salt, the length and
 *     what follows u32 · group number u64 · number of the last group that was synced when this one was
 *     written u64 · entries, each: length u32 · flags u8 (1: a copy) · bytes
 */

import { crc32 } from './crc32.ts';
import type { Entry } from './owner.ts';
import { type Position, positionOf } from './position.ts';
import { getUint64, setUint64 } from './uint64.ts';

export const MARKER = new TextEncoder().encode('BMJG');
export const GROUP_HEADER = 28;
export const ENTRY_HEADER = 5;
export const LARGEST_ENTRY = 256 * 1024 * 1024;
/** A group that is larger takes no more entries: whoever reads one entry has to read and check its group. */
export const FULL_GROUP = 128 * 1024;

const LENGTH_AT = 4;
const CRC_AT = 8;
/** The CRC covers all from here, but the length stands before it. */
const COVERED_AT = 12;
const NUMBER_AT = 12;
const SYNCED_AT = 20;
const COPY = 1;

/** What the first 28 bytes say; true only if `checks` says so. */
export interface GroupHeader {
  /** Of the whole group, with this. */
  readonly length: number;
  readonly number: number;
  readonly synced: number;
}

/** Undefined for what cannot be one. `bytes` are at least 28. */
export function groupHeader(bytes: Uint8Array): GroupHeader | undefined {
  if (!MARKER.every((byte, i) => bytes[i] === byte)) return undefined;
  const view = viewOf(bytes);
  const length = COVERED_AT + view.getUint32(LENGTH_AT, true);
  if (length < GROUP_HEADER) return undefined;
  return { length, number: getUint64(view, NUMBER_AT), synced: getUint64(view, SYNCED_AT) };
}

/** Whether a group, with all of its bytes, is one that was written to the segment with this salt. */
export function checks(group: Uint8Array, salt: number): boolean {
  return checksum(group, salt) === viewOf(group).getUint32(CRC_AT, true);
}

/** Writes the header of a group whose entries are there. */
export function seal(group: Uint8Array, number: number, synced: number, salt: number): void {
  const view = viewOf(group);
  group.set(MARKER);
  view.setUint32(LENGTH_AT, group.length - COVERED_AT, true);
  setUint64(view, NUMBER_AT, number);
  setUint64(view, SYNCED_AT, synced);
  view.setUint32(CRC_AT, checksum(group, salt), true);
}

export function setEntryHeader(view: DataView, at: number, length: number, isCopy: boolean): void {
  view.setUint32(at, length, true);
  view.setUint8(at + 4, isCopy ? COPY : 0);
}

/** The entries of a group that checks and begins at `offset` of a segment. */
export function* entriesOf(group: Uint8Array, segment: number, offset: number): Generator<Entry> {
  const view = viewOf(group);
  for (let i = GROUP_HEADER; i < group.length; ) {
    const entry = entryIn(group, view, i, positionOf(segment, offset + i));
    yield entry;
    i += ENTRY_HEADER + entry.bytes.length;
  }
}

/** Undefined if none begins there. */
export function entryAt(group: Uint8Array, offset: number): Uint8Array | undefined {
  const view = viewOf(group);
  for (let i = GROUP_HEADER; i <= offset && i < group.length; ) {
    const end = i + ENTRY_HEADER + view.getUint32(i, true);
    if (i === offset) return group.subarray(i + ENTRY_HEADER, end);
    i = end;
  }
  return undefined;
}

function entryIn(group: Uint8Array, view: DataView, i: number, at: Position): Entry {
  const begin = i + ENTRY_HEADER;
  return {
    at,
    bytes: group.subarray(begin, begin + view.getUint32(i, true)),
    isCopy: (view.getUint8(i + 4) & COPY) !== 0,
  };
}

function checksum(group: Uint8Array, salt: number): number {
  const before = new Uint8Array(8);
  new DataView(before.buffer).setUint32(0, salt, true);
  before.set(group.subarray(LENGTH_AT, CRC_AT), 4);
  return crc32(group.subarray(COVERED_AT), crc32(before));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
