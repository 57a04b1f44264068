// How far what is around an `@` reaches to both sides: what may be an address, and not what stands around
// it in a running text, such as punctuation, markup, or a script without spaces. No side is looked at for
// longer than an address is.

import { isAlphanumeric, isAtext, isForeign, isLabelLetter, isWordLetter } from './letters.ts';

/** As many characters of a local part are looked at; one that goes on is too long. */
export const MOST_LOCAL = 66;
const MOST_DOMAIN = 256;
const MOST_COMMENT = 256;

const [QUOTE, PERCENT, APOSTROPHE, OPENING, CLOSING] = [0x22, 0x25, 0x27, 0x28, 0x29];
const [HYPHEN, FULL_STOP, LESS_THAN, GREATER_THAN] = [0x2d, 0x2e, 0x3c, 0x3e];
const [OPEN_BRACKET, BACKSLASH, CLOSE_BRACKET, LINE_FEED] = [0x5b, 0x5c, 0x5d, 0x0a];

/** Where the local part before an `@` begins, if the domain ends there; at the `@` if there is none. */
export function localStart(text: string, at: number, end: number, floor: number): number {
  const before = text.charCodeAt(at - 1);
  // Of a quotation that begins with an `@`, nothing is before that.
  if (before === QUOTE) return text.charCodeAt(end) === QUOTE ? at : quotedStart(text, at, floor);
  const last = before === CLOSING ? commentStart(text, at, floor) : at;
  const lowest = Math.max(floor, last - MOST_LOCAL);
  let start = last;
  let isAscii = true;
  let dots = 0;
  while (start > lowest && isWordLetter(text, start - 1)) {
    start--;
    const code = text.charCodeAt(start);
    if (code >= 128) isAscii = false;
    dots = code === FULL_STOP ? dots + 1 : 0;
    // Three dots, or a line of them, lead to an address; one or two would be of it.
    if (dots === 3) {
      start += 3;
      break;
    }
  }
  // The quote that ends after it began before it, be it the `b'jane@example.org'` of a program.
  if (text.charCodeAt(end) === APOSTROPHE) start += text.slice(start, last).lastIndexOf("'") + 1;
  if (!isAscii) start = foreignEnd(text, start, last);
  start = escapeEnd(text, start, last);
  return start === last ? at : start;
}

/** Where the local part begins if it is all that is between angle brackets: anything may be in it then. */
export function localStartInAngles(text: string, at: number, end: number): number {
  if (text.charCodeAt(end) !== GREATER_THAN) return at;
  for (let i = at - 1; i >= at - MOST_LOCAL; i--) {
    const code = text.charCodeAt(i);
    if (code === LESS_THAN) return i + 1;
    if (code !== FULL_STOP && !isAtext(text, i)) break;
  }
  return at;
}

/** Where the quoted string begins that ends at a place; at that place if none does. */
export function quotedStart(text: string, end: number, floor: number): number {
  for (let i = end - 2; i >= Math.max(floor, end - 2 * MOST_LOCAL); i--) {
    const code = text.charCodeAt(i);
    if (code === LINE_FEED) break;
    if (code !== QUOTE || isEscaped(text, i)) continue;
    // What closes another quotation does not open this one, as in `"a", "@b.c"`.
    return isWordLetter(text, i - 1) || text.charCodeAt(i - 1) === QUOTE ? end : i;
  }
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (backslashes < MOST_LOCAL && text.charCodeAt(at - 1 - backslashes) === BACKSLASH) {
    backslashes++;
  }
  return backslashes % 2 === 1;
}

/** Where the comment begins that ends at a place; at that place if none does. */
function commentStart(text: string, end: number, floor: number): number {
  let depth = 0;
  for (let i = end - 1; i >= Math.max(floor, end - MOST_COMMENT); i--) {
    const code = text.charCodeAt(i);
    if (code === CLOSING) depth++;
    else if (code === OPENING && --depth === 0) return i;
    else if (code === LINE_FEED) break;
  }
  return end;
}

/** Where the comment has ended that begins at a place; at that place if none does. */
function commentEnd(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < start + MOST_COMMENT; i++) {
    const code = text.charCodeAt(i);
    if (code === OPENING) depth++;
    else if (code === CLOSING) depth--;
    else if (code === LINE_FEED) break;
    if (depth === 0) return code === CLOSING ? i + 1 : start;
  }
  return start;
}

/** Where an escape ends that runs into an address: `\njane@…`, `\u003cjane@…`, `%20jane@…`. */
function escapeEnd(text: string, start: number, end: number): number {
  const before = text.charCodeAt(start - 1);
  if (before !== BACKSLASH && before !== PERCENT) return start;
  const code = before === PERCENT ? /^[\da-f]{2}/i : /^(?:u[\da-f]{4}|x[\da-f]{2}|[nrt])/i;
  return start + (code.exec(text.slice(start, Math.min(end, start + 5)))?.[0].length ?? 0);
}

/** Where a script without spaces ends and an address begins: `写信给jane@…`. */
function foreignEnd(text: string, start: number, end: number): number {
  for (let i = start; i + 1 < end && isAlphanumeric(text, i); i++) {
    if (isForeign(text, i) && /[a-z]/i.test(text[i + 1] as string)) return i + 1;
  }
  return start;
}

/** Where the domain ends that begins at a place; at that place if there is none. */
export function domainEnd(text: string, start: number): number {
  if (text.charCodeAt(start) === OPEN_BRACKET) return literalEnd(text, start);
  let end = start;
  let next = start;
  for (;;) {
    const label = commentEnd(text, next);
    next = label;
    while (next - start <= MOST_DOMAIN && isLabelLetter(text, next)) next++;
    if (next === label) return end;
    const dot = commentEnd(text, next);
    const isLast = text.charCodeAt(dot) !== FULL_STOP || !isLabelOrComment(text, dot + 1);
    end = isLast ? lastLabelEnd(text, label, next) : next;
    if (isLast || next - start > MOST_DOMAIN) return end;
    next = dot + 1;
  }
}

function isLabelOrComment(text: string, at: number): boolean {
  return isLabelLetter(text, at) || text.charCodeAt(at) === OPENING;
}

function literalEnd(text: string, start: number): number {
  let end = start + 1;
  while (end - start < MOST_LOCAL && /[\w:.]/.test(text[end] ?? '')) end++;
  return text.charCodeAt(end) === CLOSE_BRACKET ? end + 1 : start;
}

/** Where the last label ends: before a dash, `jane@example.org--please`, and before another script. */
function lastLabelEnd(text: string, start: number, end: number): number {
  let last = start + 1;
  for (; last < end; last++) {
    const isDash = text.charCodeAt(last) === HYPHEN && text.charCodeAt(last + 1) === HYPHEN;
    if (isDash && !/^xn$/i.test(text.slice(start, last))) break;
    if (isForeign(text, last) && /[a-z]/i.test(text[last - 1] as string)) break;
  }
  while (last > start + 1 && text.charCodeAt(last - 1) === HYPHEN) last--;
  return last;
}
