// What the crunchers use of Node, in a browser. Of `Buffer` a library knows all; the rest is small.

import { Buffer } from 'buffer/';

export { Buffer };

export const sep = '/';

export function isatty(): boolean {
  return false;
}

export function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}

const strict = new TextDecoder('utf-8', { fatal: true });

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
