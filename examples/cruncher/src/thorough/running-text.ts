// Finds the addresses in a running text. It goes from `@` to `@`, and from each to both sides, at most as far
// as an address is long: so its time grows with the length of the text and with nothing else. Whether what
// it finds there is an address, the grammar says, and whether it is there for something else, the context.

import { domainEnd, localStart, localStartInAngles, quotedStart } from './extents.ts';
import { judge } from './judge.ts';
import type { Rule, Verdict } from './rules.ts';

/** What stands around an `@`, and what it is. */
export type Finding = Verdict & { readonly start: number; readonly end: number };

/** So far before an address a URL may begin. */
const MOST_URL = 256;

const [TAB, SPACE, QUOTE, SLASH, COLON] = [0x09, 0x20, 0x22, 0x2f, 0x3a];

/** What is around each `@` that has something on both sides. */
export function* findingsIn(text: string): Generator<Finding, void> {
  const lines = new Lines(text);
  /** Where the last address ended. */
  let floor = 0;
  let next: number;
  for (let at = text.indexOf('@'); at !== -1; at = next) {
    next = text.indexOf('@', at + 1);
    if (at < floor) continue;
    const end = domainEnd(text, at + 1);
    if (end === at + 1) continue;
    let start = localStart(text, at, end, floor);
    const more = localStartInAngles(text, at, end);
    if (Math.min(start, more) === at || isWithinQuotes(text, start, next, floor)) continue;
    let verdict = judge(text.slice(start, end));
    if (more < start) {
      const whole = judge(text.slice(more, end));
      if ('address' in whole) [verdict, start] = [whole, more];
    }
    const context = contextOf(text, start, lines.startOf(at));
    if (context !== undefined) yield { broken: context, start, end };
    else if ('broken' in verdict) yield { broken: verdict.broken, start, end };
    else {
      floor = end;
      yield { address: verdict.address, start, end };
    }
  }
}

/** Whether what begins at a place is in the quotes of an address with the next `@`: `"a@b.c"@d.e`. */
function isWithinQuotes(text: string, start: number, at: number, floor: number): boolean {
  if (at === -1 || text.charCodeAt(at - 1) !== QUOTE) return false;
  return quotedStart(text, at, floor) < start && domainEnd(text, at + 1) > at + 1;
}

const IDENTIFIER = /^(?:resent-)?(?:message-id|in-reply-to|references|content-id)[ \t]*:/i;
const IDENTIFIER_LETTERS = 'cimrCIMR';

/** What something is that looks like an address; `undefined` if it may be one. */
function contextOf(text: string, start: number, lineStart: number): Rule | undefined {
  const before = text.charCodeAt(start - 1);
  if (before === COLON && /^[cm]id$/i.test(text.slice(start - 4, start - 1))) return 'identifier';
  if ((before === SLASH || before === COLON) && isUser(text, start)) return 'user_of_url';
  if (!IDENTIFIER_LETTERS.includes(text[lineStart] as string)) return undefined;
  return IDENTIFIER.test(text.slice(lineStart, lineStart + 24)) ? 'identifier' : undefined;
}

/** Whether there is the beginning of a URL before a place, and nothing yet of its path. */
function isUser(text: string, start: number): boolean {
  for (let i = start - 1; i >= Math.max(2, start - MOST_URL); i--) {
    if (text.charCodeAt(i) === SLASH) {
      const scheme = text.slice(Math.max(0, i - 8), i);
      return /:\/$/.test(scheme) && !/mailto:\/$/i.test(scheme);
    }
    if (/[\s"'<>@?#]/.test(text[i] as string)) return false;
  }
  return false;
}

/** The lines of a text, from the first to the last. A line that is indented belongs to the one before. */
class Lines {
  readonly #text: string;
  #start = 0;
  #next = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where the line of a place begins. The place only grows. */
  startOf(at: number): number {
    while (this.#next <= at) {
      const first = this.#text.charCodeAt(this.#next);
      if (first !== SPACE && first !== TAB) this.#start = this.#next;
      const end = this.#text.indexOf('\n', this.#next);
      this.#next = end === -1 ? Number.POSITIVE_INFINITY : end + 1;
    }
    return this.#start;
  }
}
