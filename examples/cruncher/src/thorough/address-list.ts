// The fields of a mail that hold addresses: `"Doe, Jane" <jane @ example.org> (office), team: ben@x.org;`.
// Here the grammar applies as it stands, spaces and all, for nothing else can be in there.

import { judge } from './judge.ts';

const FIELDS =
  /^(?:resent-)?(?:from|sender|reply-to|to|cc|bcc)$|^(?:return-path|delivered-to|errors-to|x-original-to|envelope)$/;

/** Whether a field, its name in lower case, holds addresses. */
export function holdsAddresses(field: string): boolean {
  return FIELDS.test(field);
}

/** The addresses of such a field. What is none is left out. */
export function addressList(value: string): string[] {
  const found: string[] = [];
  for (const element of elementsOf(value)) {
    const verdict = judge(element);
    if ('address' in verdict) found.push(verdict.address);
  }
  return found;
}

/**
 * Between commas, semicolons and colons, each either what is in angle brackets or else all. In quotes, in
 * comments and in square brackets those mean nothing.
 */
function* elementsOf(value: string): Generator<string, void> {
  let start = 0;
  let angle = -1;
  let depth = 0;
  let closing = '';
  for (let i = 0; i < value.length; i++) {
    const c = value[i] as string;
    if (c === '\\') i++;
    else if (closing !== '') closing = c === closing ? '' : closing;
    else if (c === '(') depth++;
    else if (c === ')') depth = Math.max(0, depth - 1);
    else if (depth > 0) continue;
    else if (c === '"' || c === '[') closing = c === '"' ? '"' : ']';
    else if (c === '<') angle = i + 1;
    else if (c === '>' && angle !== -1) {
      yield value.slice(angle, i);
      start = value.length;
    } else if (c === ',' || c === ';' || (c === ':' && angle === -1)) {
      if (start < i && angle === -1) yield value.slice(start, i);
      [start, angle] = [i + 1, -1];
    }
  }
  if (start < value.length && angle === -1) yield value.slice(start);
}
