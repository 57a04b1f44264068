/** Strings that are kept for long, as one piece. */

import { randomFillSync } from 'node:crypto';
import { urlAlphabet } from 'nanoid';

/** As nanoid's: 126 bits. */
const ID_LENGTH = 21;
/** So many are made at a time. */
const IDS = 512;
/** 64 of them, so that no letter is likelier than another. */
const LETTERS = Buffer.from(urlAlphabet);

/**
 * Makes ids as nanoid does, many at a time and each as one piece: the host makes a string that is put together letter
 * by letter a tree of its parts, which takes twenty times its room, and of which five times its size are kept.
 */
export function freshIds(): () => string {
  const letters = Buffer.alloc(IDS * ID_LENGTH);
  let at = letters.length;
  return () => {
    if (at === letters.length) {
      randomFillSync(letters);
      for (let i = 0; i < letters.length; i++)
        letters[i] = LETTERS[(letters[i] as number) & 63] as number;
      at = 0;
    }
    at += ID_LENGTH;
    return letters.toString('latin1', at - ID_LENGTH, at);
  };
}

/** Parts as one piece. */
export function flatOf(...parts: readonly string[]): string {
  return parts.join('');
}
