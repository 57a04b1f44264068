/** Whole numbers of 64 bits, as far as JavaScript counts exactly. Little-endian. */

const TWO_32 = 2 ** 32;

/** More than `Number.MAX_SAFE_INTEGER` is not exact, and nothing that was written here. */
export function getUint64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * TWO_32 + view.getUint32(at, true);
}

export function setUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % TWO_32, true);
  view.setUint32(at + 4, Math.floor(value / TWO_32), true);
}
