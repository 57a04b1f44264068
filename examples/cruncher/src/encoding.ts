// What the first bytes of a text say about how it was written.

/** So much of a text tells whether it is one. Noise passes for UTF-16 so far once in ten million times. */
const ENOUGH_BYTES = 1024;

/** UTF-16 or UTF-32, of a text that begins with its byte order mark; `undefined` of all others. */
export function encodingOf(beginning: Uint8Array): 'UTF-16' | 'UTF-32' | undefined {
  const [a, b, c, d] = beginning;
  const isLittleEndian = a === 0xff && b === 0xfe;
  if (isLittleEndian && c === 0 && d === 0) return 'UTF-32';
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return 'UTF-32';
  if (!isLittleEndian && !(a === 0xfe && b === 0xff)) return undefined;
  return isUtf16(beginning.subarray(2, ENOUGH_BYTES), isLittleEndian) ? 'UTF-16' : undefined;
}

function isUtf16(bytes: Uint8Array, isLittleEndian: boolean): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength & ~1);
  let isInPair = false;
  for (let i = 0; i < view.byteLength; i += 2) {
    const unit = view.getUint16(i, isLittleEndian);
    const isSecond = unit >= 0xdc00 && unit < 0xe000;
    if (unit === 0 || isSecond !== isInPair) return false;
    isInPair = unit >= 0xd800 && unit < 0xdc00;
  }
  return view.byteLength > 0;
}
