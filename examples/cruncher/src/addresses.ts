// Finds addresses as `grep -aoE '[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+'` does in the C
// locale: from the left, each as long as it can be, none overlapping another.
//
// The scanner jumps to the next `@`, which costs next to nothing, then extends to both sides. It
// never backtracks: to the left it stops at the last `@` or the end of the last address, to the
// right at the next `@`, so it looks at a byte at most three times, whatever the input is.

import type { Chunk } from './chunks.ts';
import type { RecordWriter } from './records.ts';
import { KINDS, LABEL, OTHER, type ScanState } from './scan-state.ts';

const AT_SIGN = 0x40;
const FULL_STOP = 0x2e;

const IS_LABEL = KINDS.map((kind) => (kind === LABEL ? 1 : 0));
const IS_LOCAL = KINDS.map((kind, byte) => (kind !== OTHER && byte !== AT_SIGN ? 1 : 0));

/** Whether a chunk can have an address at all: that is known at the speed of memory. */
export function mayHoldAny({ bytes, from }: Chunk): boolean {
  return from !== 'nothing' || bytes.includes(AT_SIGN);
}

/**
 * Adds every address in the bytes to a tally; the domain in lower case, since domains compare without
 * case and local parts do not.
 *
 * `from` says what stands right before the bytes. Any other state than `nothing` comes from a cut
 * through an address that is longer than a chunk. Such an address is counted once, by the piece in
 * which its second domain label begins, with the text that this piece has of it and, if the
 * `@` was cut away, an `@` before it.
 */
export function findAddresses(bytes: Uint8Array, from: ScanState, found: RecordWriter): void {
  // A view, not a copy: only a Buffer finds a byte at the speed of memory.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let floor = from === 'nothing' ? 0 : finishCut(text, from, found);
  let at = text.indexOf(AT_SIGN, floor);
  while (at !== -1) {
    let start = at;
    while (start > floor && IS_LOCAL[text[start - 1] as number] === 1) start--;
    floor = at + 1;
    if (start < at) {
      const end = domainEnd(text, at + 1);
      if (end !== -1) {
        found.address(text, start, at + 1, end);
        floor = end;
      }
    }
    at = text.indexOf(AT_SIGN, floor);
  }
}

/**
 * Decides the address through which the text was cut, adds it if it is one, and returns where the
 * first address of the text's own can begin.
 */
function finishCut(text: Buffer, from: ScanState, found: RecordWriter): number {
  switch (from) {
    case 'nothing':
      return 0;
    case 'local':
      return finishLocal(text, found);
    case 'at': {
      const end = domainEnd(text, 0);
      if (end === -1) return 0;
      found.address(text, 0, 0, end);
      return end;
    }
    case 'label': {
      const label = labelEnd(text, 0);
      const end = moreLabelsEnd(text, label);
      if (end === label) return finishLocal(text, found);
      found.address(text, 0, 0, end);
      return end;
    }
    case 'dot': {
      const label = labelEnd(text, 0);
      if (label === 0) return finishLocal(text, found);
      const end = moreLabelsEnd(text, label);
      found.address(text, 0, 0, end);
      return end;
    }
    case 'found':
      return moreLabelsEnd(text, labelEnd(text, 0));
    case 'found_dot': {
      const label = labelEnd(text, 0);
      return label === 0 ? finishLocal(text, found) : moreLabelsEnd(text, label);
    }
  }
}

function finishLocal(text: Buffer, found: RecordWriter): number {
  let at = 0;
  while (at < text.length && IS_LOCAL[text[at] as number] === 1) at++;
  const end = text[at] === AT_SIGN ? domainEnd(text, at + 1) : -1;
  if (end === -1) return at;
  found.address(text, 0, at + 1, end);
  return end;
}

/** Where the domain that begins here ends, or -1 if there is none of two labels or more. */
function domainEnd(text: Buffer, start: number): number {
  const label = labelEnd(text, start);
  if (label === start) return -1;
  const end = moreLabelsEnd(text, label);
  return end === label ? -1 : end;
}

/** Where the labels end that follow here, each after a dot. A last dot with no label stays out. */
function moreLabelsEnd(text: Buffer, start: number): number {
  let end = start;
  while (end + 1 < text.length && text[end] === FULL_STOP) {
    const label = labelEnd(text, end + 1);
    if (label === end + 1) break;
    end = label;
  }
  return end;
}

function labelEnd(text: Buffer, start: number): number {
  let end = start;
  while (end < text.length && IS_LABEL[text[end] as number] === 1) end++;
  return end;
}
