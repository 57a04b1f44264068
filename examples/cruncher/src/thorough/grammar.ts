// The grammar of an address: RFC 5322, section 3.4.1, with the obsolete forms that are still to be read
// (section 4), and the letters of RFC 6531. Each function is a rule of it, under the name that it has
// there. It reads what the rule describes and says whether it was there; no rule ever goes back, so a
// text is read once.
//
//     addr-spec     = local-part "@" domain
//     local-part    = word *("." word)
//     word          = [CFWS] (atom / quoted-string) [CFWS]
//     domain        = [CFWS] (domain-literal / label *("." label)) [CFWS]
//     atom          = 1*atext
//     label         = 1*(letter / digit / "-")
//     quoted-string = DQUOTE *(qtext / quoted-pair / FWS) DQUOTE
//     CFWS          = 1*(FWS / comment)
//     comment       = "(" *(ctext / quoted-pair / comment / FWS) ")"

import { isAtext, isLabelLetter } from './letters.ts';
import type { Rule } from './rules.ts';

/** What an address consists of. */
export interface Parts {
  /** Without comments, quotes and backslashes. */
  readonly local: string;
  /** As it is written, without comments. */
  readonly labels: readonly string[];
  /** What is between the brackets, if it is no name. */
  readonly literal: string | undefined;
}

/** Reads a whole text as an address; returns its parts, or the first rule that it breaks. */
export function parse(text: string): Parts | Rule {
  const reader = new Reader(text);
  return addrSpec(reader) ? reader : reader.broken;
}

class Reader implements Parts {
  readonly text: string;
  at = 0;
  local = '';
  readonly labels: string[] = [];
  literal: string | undefined;
  /** What was missing, once something is. */
  broken: Rule = 'at_sign';

  constructor(text: string) {
    this.text = text;
  }

  /** The character that is next; NaN at the end. */
  get next(): number {
    return this.text.charCodeAt(this.at);
  }

  /** Passes over a character, if it is the next one. */
  takes(character: number): boolean {
    if (this.next !== character) return false;
    this.at++;
    return true;
  }

  fails(rule: Rule): false {
    this.broken = rule;
    return false;
  }
}

function addrSpec(r: Reader): boolean {
  if (!localPart(r)) return false;
  if (!r.takes(AT_SIGN)) return r.fails(isEnd(r) ? 'at_sign' : 'local_character');
  if (!domain(r)) return false;
  return isEnd(r) || r.fails(r.next === FULL_STOP ? 'domain_dots' : 'domain_character');
}

function localPart(r: Reader): boolean {
  if (!cfws(r)) return false;
  if (r.next === AT_SIGN) return r.fails('local_empty');
  do {
    if (!word(r)) return false;
    if (r.next === FULL_STOP) r.local += '.';
  } while (r.takes(FULL_STOP));
  return true;
}

function word(r: Reader): boolean {
  return cfws(r) && (r.next === QUOTE ? quotedString(r) : atom(r)) && cfws(r);
}

function atom(r: Reader): boolean {
  const start = r.at;
  while (isAtext(r.text, r.at)) r.at++;
  r.local += r.text.slice(start, r.at);
  if (r.at > start) return true;
  return r.fails(isBesideDot(r) ? 'local_dots' : isEnd(r) ? 'at_sign' : 'local_character');
}

function quotedString(r: Reader): boolean {
  r.takes(QUOTE);
  while (!r.takes(QUOTE)) {
    r.takes(BACKSLASH);
    if (isEnd(r) || isControl(r.next)) return r.fails('quotes');
    r.local += r.text[r.at++];
  }
  return true;
}

function domain(r: Reader): boolean {
  if (!cfws(r)) return false;
  if (isEnd(r)) return r.fails('domain_empty');
  if (r.next === OPEN_BRACKET) return domainLiteral(r) && cfws(r);
  do {
    if (!label(r)) return false;
  } while (r.takes(FULL_STOP));
  return true;
}

function label(r: Reader): boolean {
  if (!cfws(r)) return false;
  const start = r.at;
  while (isLabelLetter(r.text, r.at)) r.at++;
  if (r.at === start) return r.fails(isBesideDot(r) ? 'domain_dots' : 'domain_character');
  r.labels.push(r.text.slice(start, r.at));
  return cfws(r);
}

function domainLiteral(r: Reader): boolean {
  const end = r.text.indexOf(']', r.at);
  if (end === -1) return r.fails('literal');
  r.literal = r.text.slice(r.at + 1, end);
  r.at = end + 1;
  return true;
}

/** Comments and white space, or nothing. */
function cfws(r: Reader): boolean {
  for (;;) {
    while (isSpace(r.next)) r.at++;
    if (r.next !== OPEN_PARENTHESIS) return true;
    if (!comment(r)) return r.fails('comment');
  }
}

function comment(r: Reader): boolean {
  // Counted: a million of them in each other would be as deep a recursion.
  let depth = 0;
  do {
    if (isEnd(r)) return false;
    if (r.next === OPEN_PARENTHESIS) depth++;
    else if (r.next === CLOSE_PARENTHESIS) depth--;
    else if (r.next === BACKSLASH) r.at++;
    r.at++;
  } while (depth > 0);
  return true;
}

const [AT_SIGN, FULL_STOP, QUOTE, BACKSLASH] = [0x40, 0x2e, 0x22, 0x5c];
const [OPEN_PARENTHESIS, CLOSE_PARENTHESIS, OPEN_BRACKET] = [0x28, 0x29, 0x5b];

function isEnd(r: Reader): boolean {
  return r.at >= r.text.length;
}

/** Whether a word or label is missing at a dot, or at the end of what the dots divide. */
function isBesideDot(r: Reader): boolean {
  return r.next === FULL_STOP || r.text.charCodeAt(r.at - 1) === FULL_STOP;
}

/** A space or a tab, or the end of a line that goes on in the next. */
function isSpace(character: number): boolean {
  return character === 0x20 || (character >= 0x09 && character <= 0x0d);
}

function isControl(character: number): boolean {
  return (character < 0x20 && character !== 0x09) || character === 0x7f;
}
