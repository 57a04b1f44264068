/** Reads the groups of a segment, one after the other, and finds out what becomes of a bad one. */

import type { Steps } from './answer.ts';
import type { FileWindow } from './file-window.ts';
import { checks, GROUP_HEADER, groupHeader, MARKER } from './group.ts';

/** The whole group that begins at `offset`, if it checks and has this number; `'end'` where the file ends before it. */
export function* groupAt(
  window: FileWindow,
  offset: number,
  salt: number,
  number: number,
): Steps<Uint8Array | 'end' | 'bad'> {
  const start = yield* window.read(offset, GROUP_HEADER);
  if (start.length === 0) return 'end';
  if (start.length < GROUP_HEADER) return 'bad';
  const header = groupHeader(start);
  if (header === undefined || header.number !== number) return 'bad';
  const group = yield* window.read(offset, header.length);
  return group.length === header.length && checks(group, salt) ? group : 'bad';
}

/**
 * Whether a group there or further on says that the one with this number, which should begin at `offset`, had
 * been synced. Then that is damage. Otherwise it had not been finished, and nobody was told that it is on
 * disk, nor what is behind it.
 */
export function* hadBeenSynced(
  window: FileWindow,
  offset: number,
  salt: number,
  number: number,
): Steps<boolean> {
  for (let at = offset; ; at++) {
    const found = yield* nextMarker(window, at);
    if (found === undefined) return false;
    at = found;
    const start = yield* window.read(at, GROUP_HEADER);
    const header = start.length < GROUP_HEADER ? undefined : groupHeader(start);
    if (header === undefined || header.synced < number || header.number <= header.synced) continue;
    // Nobody can have written more groups between them than fit.
    if (at > offset && header.number - number > (at - offset) / GROUP_HEADER) continue;
    const group = yield* window.read(at, header.length);
    if (group.length === header.length && checks(group, salt)) return true;
  }
}

function* nextMarker(window: FileWindow, from: number): Steps<number | undefined> {
  const [first] = MARKER;
  for (let offset = from; ; ) {
    const bytes = yield* window.some(offset, MARKER.length);
    if (bytes.length < MARKER.length) return undefined;
    let i = bytes.indexOf(first as number);
    while (i >= 0 && !MARKER.every((byte, k) => bytes[i + k] === byte)) {
      i = bytes.indexOf(first as number, i + 1);
    }
    if (i >= 0) return offset + i;
    // A marker may lie across.
    offset += bytes.length - MARKER.length + 1;
  }
}
