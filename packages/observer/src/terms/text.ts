/** Text of strangers, such as names and tags, as other programs can bear it. */

/** Control characters, and those that change the direction of what follows. */
const CONTROLS = /[^\P{C}\n]/gu;

/** Without halves of characters and control characters; a line break stays one. */
export function harmless(text: string): string {
  return text
    .replace(/[\ud800-\udfff]/gu, '\ufffd')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(CONTROLS, '');
}

/** The same in one line. */
export function inOneLine(text: string): string {
  return harmless(text).replace(/\n/g, ' ');
}
