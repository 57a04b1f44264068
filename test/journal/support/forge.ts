/** Files of a journal by hand, for what no journal would write. */

import { crc32 } from '../../../packages/journal/src/crc32.ts';
import { GROUP_HEADER, seal, setEntryHeader } from '../../../packages/journal/src/group.ts';

/** As a group is in a segment with this salt. */
export function groupOf(
  entries: readonly Uint8Array[],
  { number, synced, salt }: { number: number; synced: number; salt: number },
): Uint8Array {
  const length = entries.reduce((sum, entry) => sum + 5 + entry.length, GROUP_HEADER);
  const group = new Uint8Array(length);
  const view = new DataView(group.buffer);
  let at = GROUP_HEADER;
  for (const entry of entries) {
    setEntryHeader(view, at, entry.length, false);
    group.set(entry, at + 5);
    at += 5 + entry.length;
  }
  seal(group, number, synced, salt);
  return group;
}

/** A header that has this at an offset, and checks. */
export function headerWith(
  file: Uint8Array,
  length: number,
  at: number,
  value: number,
): Uint8Array {
  const changed = file.slice();
  const view = new DataView(changed.buffer);
  view.setUint16(at, value, true);
  view.setUint32(length - 4, crc32(changed.subarray(0, length - 4)), true);
  return changed;
}

export function saltOf(file: Uint8Array): number {
  return new DataView(file.buffer, file.byteOffset).getUint32(12, true);
}
