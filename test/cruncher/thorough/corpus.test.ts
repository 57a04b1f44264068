/** The two algorithms side by side: what the fast one finds, the thorough one finds, or says why not. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge } from '../../../examples/cruncher/src/thorough/judge.ts';
import { type Finding, findingsIn } from '../../../examples/cruncher/src/thorough/running-text.ts';
import { addressesIn } from '../records.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const FAST = /[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g;

/** Why the thorough one has not what the fast one has. */
type Reason =
  | 'found'
  | 'breaks a rule'
  | 'is something else'
  | 'is a part of a longer one'
  | 'begins in an escape'
  | 'overlaps one that is found';

test('on the texts of this project and of what it is made with', () => {
  const reasons = new Map<Reason | undefined, number>();
  let more = 0;
  let files = 0;
  for (const path of textFiles()) {
    const bytes = readFileSync(path);
    // Only then do both see the same text, letter by letter.
    if (bytes.some((byte) => byte > 127)) continue;
    files++;
    const text = bytes.toString('latin1');
    expect(Array.from(text.matchAll(FAST), ([found]) => found.toLowerCase())).toEqual(
      addressesIn(bytes).map((found) => found.toLowerCase()),
    );
    const here = reasonsIn(text);
    expect(here, path).not.toContain(undefined);
    for (const reason of here) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    const fast = new Set(addressesIn(bytes));
    for (const finding of findingsIn(text))
      if ('address' in finding && !fast.has(finding.address)) more++;
  }
  expect(files).toBeGreaterThan(200);
  expect(reasons.get('found')).toBeGreaterThan(200);
  expect(more).toBeGreaterThan(0);
});

test('on any text', () => {
  const pieces = [
    ...'ab1-_+.@"\'\\%(<>)/: \n',
    '...',
    '--',
    'a@b.c',
    '://',
    '[1.2.3.4]',
    'cid:',
    'Message-ID: ',
  ];
  const text = fc
    .array(fc.constantFrom(...pieces), { maxLength: 25 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (text) => {
      expect(reasonsIn(text)).not.toContain(undefined);
    }),
    { numRuns: 20_000 },
  );
});

/** The reason for each that the fast one finds; `undefined` if there is none. */
function reasonsIn(text: string): (Reason | undefined)[] {
  const findings = [...findingsIn(text)];
  return Array.from(text.matchAll(FAST), ({ 0: found, index }) => {
    const at = index + found.indexOf('@');
    const here = findings.find(({ start, end }) => start <= at && at < end);
    const overlaps = (each: Finding) =>
      'address' in each && each.start < index + found.length && each.end > index;
    return (
      reasonFor(found, index, here, text) ??
      (findings.some(overlaps) ? 'overlaps one that is found' : undefined)
    );
  });
}

function reasonFor(
  found: string,
  index: number,
  here: Finding | undefined,
  text: string,
): Reason | undefined {
  const verdict = judge(found);
  if ('broken' in verdict) return 'breaks a rule';
  const isEscaped = /[\\%]/.test(text[index - 1] ?? '');
  if (here === undefined) return isEscaped ? 'begins in an escape' : undefined;
  if ('address' in here && here.address === verdict.address) return 'found';
  if ('broken' in here && (here.broken === 'identifier' || here.broken === 'user_of_url'))
    return 'is something else';
  if (here.start > index && isEscaped) return 'begins in an escape';
  // Which may break a rule that a part of it does not.
  if (here.start < index || here.end > index + found.length) return 'is a part of a longer one';
  return undefined;
}

function* textFiles(): Generator<string> {
  for (const folder of ['examples', 'packages', 'test', 'node_modules/.pnpm']) {
    const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const { name, parentPath } = entry;
      const path = join(parentPath, name);
      const isText = /\.(?:md|txt|json|ts|js)$|^LICENSE$/.test(name);
      if (entry.isFile() && isText && !/\.min\.|generated|dist/.test(path)) yield path;
    }
  }
}
