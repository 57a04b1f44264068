// Which characters may stand where. Beyond ASCII, RFC 6531 lets any stand in a local part, a quotation mark
// as well as a smile; in a running text, such signs stand beside addresses more often than in them.

// What a character is: some of these.
const LETTER = 1; // or a digit, or a mark on one
const FOREIGN = 2; // a letter of another script than Latin
const ATEXT = 4; // what may stand in a local part without quotes
const LABEL = 8; // what may stand in a domain
const WORD = 16; // what may stand in a word before the `@` of a running text
const KNOWN = 32;

/** Of each character of one unit: known from the start in ASCII, and of others once somebody has asked. */
const KINDS = new Uint8Array(0x10000);
for (let code = 0; code < 128; code++) KINDS[code] = kindOf(String.fromCharCode(code));

/** Whether a character may stand in a local part without quotes. */
export function isAtext(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return ((code < 128 ? (KINDS[code] as number) : kindBeyond(text, at)) & ATEXT) !== 0;
}

/** Whether a character may stand in a label of a domain. */
export function isLabelLetter(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return ((code < 128 ? (KINDS[code] as number) : kindBeyond(text, at)) & LABEL) !== 0;
}

/**
 * Whether a character may stand in a word before the `@` of a running text, where others of those above
 * stand around addresses: `to=ann@x.org`, `*ben@x.org*`. An apostrophe or `&` does between two letters.
 */
export function isWordLetter(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (((code < 128 ? (KINDS[code] as number) : kindBeyond(text, at)) & WORD) !== 0) return true;
  return (
    (code === 0x27 || code === 0x26) && isAlphanumeric(text, at - 1) && isAlphanumeric(text, at + 1)
  );
}

/** Whether a character is a letter or a digit. */
export function isAlphanumeric(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return ((code < 128 ? (KINDS[code] as number) : kindBeyond(text, at)) & LETTER) !== 0;
}

/** Whether a character is a letter of another script than Latin. */
export function isForeign(text: string, at: number): boolean {
  return text.charCodeAt(at) >= 128 && (kindBeyond(text, at) & FOREIGN) !== 0;
}

/** What a character beyond ASCII is; nothing where there is none. */
function kindBeyond(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (Number.isNaN(code)) return 0;
  if ((code & 0xf800) === 0xd800) return kindOf(pairAt(text, at));
  if (KINDS[code] === 0) KINDS[code] = kindOf(String.fromCharCode(code)) | KNOWN;
  return KINDS[code] as number;
}

/** The whole character, of which one half is at this place. */
function pairAt(text: string, at: number): string {
  const isSecondHalf = (text.charCodeAt(at) & 0xfc00) === 0xdc00;
  return String.fromCodePoint(text.codePointAt(isSecondHalf ? at - 1 : at) ?? 0);
}

function kindOf(character: string): number {
  if (/[\p{Z}\p{C}]/u.test(character)) return 0;
  const isLetter = /[\p{L}\p{M}\p{N}]/u.test(character);
  const isForeign = /(?!\p{Script=Latin})\p{L}/u.test(character);
  const isAtext = character > '\x7f' || isLetter || "!#$%&'*+-/=?^_`{|}~".includes(character);
  return (
    (isLetter ? LETTER | LABEL | WORD : 0) |
    (isForeign ? FOREIGN : 0) |
    (isAtext ? ATEXT : 0) |
    ('_+.'.includes(character) ? WORD : 0) |
    (character === '-' ? LABEL | WORD : 0)
  );
}
