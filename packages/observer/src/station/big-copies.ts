/** Messages to other systems that are large, and are copied on their way: how large is estimated, and no getter is called. */

import { types } from 'node:util';
import type { Address, Pid } from 'beamish';
import { show } from 'beamish/transport';
import { cut } from '../terms/text.ts';
import { LONGEST, type PidText, pidText } from '../terms/wire.ts';
import { requestOf } from './happenings.ts';
import type { BigCopy } from './orders.ts';

const BIG_BYTES = 1024 * 1024;
const DEEPEST = 4;
/** Of a list, so many are looked at, and the others taken to be like them. */
const SAMPLED = 32;
/** Fields of one object that are looked at. */
const MOST_FIELDS = 64;
const MOST = 50;

export class BigCopies {
  #all: BigCopy[] = [];

  sent(from: Pid, to: Address, message: unknown): void {
    if (this.#all.length >= MOST) return;
    const bytes = bytesOf(message, 0);
    if (bytes < BIG_BYTES) return;
    const tag = cut(requestOf(message), LONGEST.tag);
    this.#all.push({ from: pidText(from), to: whom(to), tag, bytes: Math.round(bytes) });
  }

  take(): readonly BigCopy[] {
    return this.#all.splice(0);
  }
}

function whom(to: Address): PidText {
  return 'serial' in to ? pidText(to as Pid) : cut(show(to), LONGEST.label);
}

/** What it takes to copy a value, nearly. */
function bytesOf(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (types.isAnyArrayBuffer(value)) return types.isArrayBuffer(value) ? value.byteLength : 0;
  if (depth >= DEEPEST || types.isProxy(value)) return 0;
  if (Array.isArray(value)) return ofList(value, depth);
  if (types.isMap(value)) return ofEntries(Map.prototype.entries.call(value), value.size, depth);
  if (types.isSet(value)) return ofEntries(Set.prototype.entries.call(value), value.size, depth);
  let bytes = 0;
  let fields = 0;
  for (const key in value) {
    if (++fields > MOST_FIELDS) break;
    const field = Object.getOwnPropertyDescriptor(value, key);
    if (field !== undefined && 'value' in field) bytes += 8 + bytesOf(field.value, depth + 1);
  }
  return bytes;
}

function ofList(list: readonly unknown[], depth: number): number {
  const looked = Math.min(SAMPLED, list.length);
  let bytes = 0;
  for (let i = 0; i < looked; i++) {
    const item = Object.getOwnPropertyDescriptor(list, i);
    if (item !== undefined && 'value' in item) bytes += bytesOf(item.value, depth + 1);
  }
  return looked === 0 ? 8 : (bytes * list.length) / looked;
}

function ofEntries(
  entries: Iterable<readonly [unknown, unknown]>,
  size: number,
  depth: number,
): number {
  let looked = 0;
  let bytes = 0;
  for (const [key, value] of entries) {
    if (looked === SAMPLED) break;
    looked++;
    bytes += bytesOf(key, depth + 1) + bytesOf(value, depth + 1);
  }
  return looked === 0 ? 8 : (bytes * size) / looked;
}
