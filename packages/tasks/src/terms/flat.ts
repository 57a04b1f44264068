/** Strings that are kept for long, as one piece. */

/**
 * The same string. The host makes one that is put together of others a tree of its parts, each of which is kept
 * with it: of an id that was made letter by letter that is five times its size.
 */
export function flat(text: string): string {
  return Buffer.from(text).toString();
}

/** The same, of parts. */
export function flatOf(...parts: readonly string[]): string {
  return parts.join('');
}
