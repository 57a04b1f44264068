// From bytes to text: by the byte order mark, else as UTF-8 if they are, else as windows-1252. And of many
// bytes only what is around an `@`, or around what may stand for one: to decode all took longer than the rest.

import { isAscii, isUtf8 } from 'node:buffer';
import { encodingOf } from '../encoding.ts';
import { mended } from './windows-1252.ts';

/** So far around an `@` an address may reach; a line that is longer is cut there. */
const REACH = 400;
/** What is so near to the next is decoded with it, as each piece costs more than some bytes. */
const NEAR = 100;

/** All of some bytes. */
export function textOf(bytes: Uint8Array): string {
  switch (encodingOf(bytes)) {
    case 'UTF-16':
      return new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes);
    case 'UTF-32':
      return utf32(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    case undefined:
      return eightBit(bufferOf(bytes));
  }
}

/** Lines of a text. */
export interface Lines {
  readonly text: string;
  /** Whether there is something in it that may stand for an `@` or a dot. */
  readonly isDisguised: boolean;
}

/** Lines, one or more at a time, in which there is an `@`, or what may stand for one. */
export function* linesWithAt(bytes: Uint8Array): Generator<Lines, void> {
  if (encodingOf(bytes) !== undefined) return yield { text: textOf(bytes), isDisguised: true };
  const text = bufferOf(bytes);
  // Asked once of all, for to ask it of each piece takes longer than to decode it.
  const encoding = isAscii(text) ? 'latin1' : isUtf8(text) ? 'utf8' : undefined;
  const signs = new Signs(text);
  let lineEnd = 0;
  let end = 0;
  let at = signs.from(0);
  while (at < text.length) {
    const start = reachBefore(text, at, end);
    do {
      if (lineEnd <= at) lineEnd = placeAfter(text, text.indexOf(LINE_FEED, at));
      end = Math.min(lineEnd, characterStart(text, at + REACH));
      at = signs.from(at + 1);
      // So a field of a mail also stays together with the line in which it goes on.
    } while (at < text.length && at - end < NEAR);
    const isDisguised = signs.isDisguised(start, end);
    const piece =
      encoding === undefined
        ? eightBit(text.subarray(start, end))
        : text.toString(encoding, start, end);
    yield { text: piece, isDisguised };
  }
}

function reachBefore(text: Buffer, at: number, floor: number): number {
  const lowest = Math.max(floor, at - REACH);
  let start = at;
  while (start > lowest && text[start - 1] !== LINE_FEED) start--;
  return start === at - REACH ? characterStart(text, start) : start;
}

/** The place itself, or that after it where the next character begins, if it is in the middle of one. */
function characterStart(text: Buffer, place: number): number {
  let start = place;
  while (start < place + 3 && ((text[start] as number) & 0xc0) === 0x80) start++;
  return Math.min(start, text.length);
}

function placeAfter(text: Buffer, found: number): number {
  return found === -1 ? text.length : found + 1;
}

function eightBit(text: Buffer): string {
  if (isAscii(text)) return text.toString('latin1');
  return isUtf8(text) ? text.toString() : mended(text.toString('latin1'));
}

function utf32(view: DataView): string {
  const isLittleEndian = view.getUint8(0) === 0xff;
  let text = '';
  for (let i = 4; i + 4 <= view.byteLength; i += 4) {
    const code = view.getUint32(i, isLittleEndian);
    text += String.fromCodePoint(code > 0x10ffff ? 0xfffd : code);
  }
  return text;
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  // Only a Buffer finds a byte at the speed of memory.
  return Buffer.from(buffer, byteOffset, byteLength);
}

const [LINE_FEED, SPACE, FULL_STOP, NUMBER_SIGN, AT_SIGN] = [0x0a, 0x20, 0x2e, 0x23, 0x40];
const [LETTER_A, LETTER_C, LETTER_D, LETTER_O, LETTER_T] = [0x61, 0x63, 0x64, 0x6f, 0x74];

/** Finds the next sign of an address at a place in a text, or after it; -1 if there is none. */
type Sign = (text: Buffer, from: number) => number;

const DISGUISED_SIGNS: readonly Sign[] = [
  // &#64; and &commat;
  each('&', (text, at) => text[at + 1] === NUMBER_SIGN || lower(text[at + 1]) === LETTER_C),
  // %40
  each('%', (text, at) => text[at + 1] === 0x34 && text[at + 2] === 0x30),
  // The full-width one, as a Japanese keyboard has it.
  each('\xef', (text, at) => text[at + 1] === 0xbc && text[at + 2] === 0xa0),
  ...['[', '(', '{'].map((bracket) => each(bracket, isWordInBrackets)),
  (text, from) => text.indexOf('dot ', from, 'latin1'),
  (text, from) => text.indexOf('DOT ', from, 'latin1'),
];

const SIGNS: readonly Sign[] = [(text, from) => text.indexOf(AT_SIGN, from), ...DISGUISED_SIGNS];

function each(character: string, isSign: (text: Buffer, at: number) => boolean): Sign {
  const code = character.charCodeAt(0);
  return (text, from) => {
    let at = text.indexOf(code, from);
    while (at !== -1 && !isSign(text, at)) at = text.indexOf(code, at + 1);
    return at;
  };
}

/** `[at]`, `( dot )`, `[.]` and the like, going by their beginnings. */
function isWordInBrackets(text: Buffer, bracket: number): boolean {
  let at = bracket + 1;
  while (at < bracket + 3 && text[at] === SPACE) at++;
  const first = lower(text[at]);
  const second = lower(text[at + 1]);
  if (first === LETTER_A) return second === LETTER_T;
  if (first === LETTER_D) return second === LETTER_O;
  return text[at] === FULL_STOP || text[at] === AT_SIGN;
}

function lower(letter: number | undefined): number {
  return (letter ?? 0) | 0x20;
}

/** All of them, from the first to the last. */
class Signs {
  readonly #text: Buffer;
  /** The next of each. */
  readonly #next: number[];
  /** The last that was no `@`. */
  #disguised = -1;

  constructor(text: Buffer) {
    this.#text = text;
    this.#next = SIGNS.map(() => -1);
  }

  /** The next one at a place or after it; the end of the text if there is none. The place only grows. */
  from(place: number): number {
    let first = this.#text.length;
    for (let i = 0; i < SIGNS.length; i++) {
      let next = this.#next[i] as number;
      if (next < place) {
        if (i > 0 && next !== -1) this.#disguised = next;
        const found = (SIGNS[i] as Sign)(this.#text, place);
        next = found === -1 ? this.#text.length : found;
        this.#next[i] = next;
      }
      if (next < first) first = next;
    }
    return first;
  }

  /** Whether one that is no `@` is between two places, of which the first was passed. */
  isDisguised(start: number, end: number): boolean {
    if (this.#disguised >= start) return true;
    for (let i = 1; i < SIGNS.length; i++) if ((this.#next[i] as number) < end) return true;
    return false;
  }
}
