// HalfSipHash-1-3, as Linux has it for its own tables. With a hash that anybody can compute, a text could
// be made of addresses that all fall into one place of a table, and each would have to be compared with
// all before it. This one needs a key, and nobody outside has that.

/** What a hash depends on besides its text. */
export interface Key {
  readonly low: number;
  readonly high: number;
}

/** After the last word, so that each bit of the text reaches each bit of the hash. */
const LAST_ROUNDS = 3;

export function randomKey(): Key {
  const words = crypto.getRandomValues(new Int32Array(2));
  return { low: words[0] as number, high: words[1] as number };
}

/** The hash of the words in `start..end`, the last of which should tell how long the text is. */
export function hashOf(words: Int32Array, start: number, end: number, { low, high }: Key): number {
  let a = low;
  let b = high;
  let c = low ^ 0x6c796765;
  let d = high ^ 0x74656462;
  for (let i = start; i < end + LAST_ROUNDS; i++) {
    const word = i < end ? (words[i] as number) : 0;
    if (i === end) c ^= 0xff;
    d ^= word;
    a = (a + b) | 0;
    b = ((b << 5) | (b >>> 27)) ^ a;
    a = (a << 16) | (a >>> 16);
    c = (c + d) | 0;
    d = ((d << 8) | (d >>> 24)) ^ c;
    a = (a + d) | 0;
    d = ((d << 7) | (d >>> 25)) ^ a;
    c = (c + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ c;
    c = (c << 16) | (c >>> 16);
    a ^= word;
  }
  return b ^ d;
}
