/** Entries that say who wrote them, the how manieth they are, and what they have to contain. */

export const WRITERS = 4;
const HEADER = 8;

export interface Numbered {
  readonly writer: number;
  /** From 1. */
  readonly number: number;
}

/** Most are short, some long enough for groups of their own. */
export function encode(writer: number, number: number): Uint8Array {
  const mixed = Math.imul(writer * 31 + number, 0x9e3779b1) >>> 0;
  const bytes = new Uint8Array(HEADER + (mixed % 50 === 0 ? mixed % 200_000 : mixed % 500));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, writer, true);
  view.setUint32(4, number, true);
  bytes.fill(mixed & 255, HEADER);
  return bytes;
}

/** Undefined if it is not exactly what was encoded. */
export function decode(bytes: Uint8Array): Numbered | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [writer, number] = [view.getUint32(0, true), view.getUint32(4, true)];
  const expected = encode(writer, number);
  const isSame = bytes.length === expected.length && bytes.every((byte, i) => byte === expected[i]);
  return isSame ? { writer, number } : undefined;
}
