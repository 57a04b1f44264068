/** Text of strangers, such as names and tags, as other programs can bear it. */

/** Control characters, and those that change the direction of what follows. */
const CONTROLS = /[^\P{C}\n]/gu;

const PLAIN = /^[\x20-\x7e\n]*$/;

/** Without halves of characters and control characters; a line break stays one. */
export function harmless(text: string): string {
  // Most texts are.
  if (PLAIN.test(text)) return text;
  return text
    .replace(/[\ud800-\udfff]/gu, '\ufffd')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(CONTROLS, '');
}

/** The same in one line. */
export function inOneLine(text: string): string {
  return harmless(text).replace(/\n/g, ' ');
}

/** At most so many characters, the last one an ellipsis; none of them is cut in halves. */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const kept = text.slice(0, longest - 1);
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

/** Calls `make` once for each value, and remembers what came of it. */
export function remembered<From, To>(make: (from: From) => To): (from: From) => To {
  const made = new Map<From, To>();
  return (from) => {
    const known = made.get(from);
    if (known !== undefined || made.has(from)) return known as To;
    const its = make(from);
    made.set(from, its);
    return its;
  };
}
