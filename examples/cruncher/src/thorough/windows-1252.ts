// Bytes as windows-1252, which is what the web and most mail mean by Latin-1. Node's own decoder makes
// control characters of 32 of them in some versions, postal-mime's texts among what it decodes; of text
// those are never a part.

const C1 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Puts into a text the characters that windows-1252 has where Latin-1 has control characters. */
export function mended(text: string): string {
  return text.replace(/[\u0080-\u009f]/g, (control) => C1[control.charCodeAt(0) - 0x80] as string);
}
