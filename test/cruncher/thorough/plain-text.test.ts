import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Findings } from '../../../examples/cruncher/src/thorough/findings.ts';
import { linesWithAt, textOf } from '../../../examples/cruncher/src/thorough/plain-text.ts';
import { findInPlain, findInText } from '../../../examples/cruncher/src/thorough/thorough.ts';

test.each([
  ['UTF-8', Buffer.from('jörg@x.org €')],
  ['windows-1252', Buffer.from('j\xf6rg@x.org \x80', 'latin1')],
  ['UTF-16, little end first', Buffer.from('\ufeffjörg@x.org €', 'utf16le')],
  ['UTF-16, big end first', Buffer.from('\ufeffjörg@x.org €', 'utf16le').swap16()],
  ['UTF-32, little end first', utf32('\ufeffjörg@x.org €')],
  ['UTF-32, big end first', utf32('\ufeffjörg@x.org €').swap32()],
])('a text may be in %s', (_, bytes) => {
  expect(textOf(bytes).replace('\ufeff', '')).toBe('jörg@x.org €');
  expect(foundIn(bytes)).toEqual({ 'jörg@x.org': 1 });
});

test('each line for itself is UTF-8, or is not', () => {
  const bytes = Buffer.concat([
    Buffer.from('jörg@x.org\n'),
    Buffer.from('nobody\n'.repeat(50)),
    Buffer.from('j\xf6rg@x.org\n', 'latin1'),
  ]);
  expect(foundIn(bytes)).toEqual({ 'jörg@x.org': 2 });
});

test('only lines with an @ are looked at, or with what may stand for one', () => {
  const nothing = `${'no a[d]dr(e)ss, dots & 100% {nothing}\n'.repeat(20)}`;
  const signs = [
    'ann@x.org',
    'ann&#64;x.org',
    'ann%40x.org',
    'ann＠x.org',
    'ann [ at ] x.org',
    'ann at x dot org',
  ];
  const text = signs.map((sign) => `${nothing}${sign}\n`).join('');
  const lines = Array.from(linesWithAt(Buffer.from(text)), ({ text }) => text.trim());
  expect(lines).toEqual(signs);
  expect(foundIn(Buffer.from(text))).toEqual({ 'ann@x.org': 6 });
});

test('a field that goes on in the next line stays one', () => {
  expect(foundIn(Buffer.from('To: ann@x.org\nReferences: <1@x.org>\n <2@x.org>\nno @\n'))).toEqual({
    'ann@x.org': 1,
  });
});

test('what is in disguise does not go on in the next line', () => {
  expect(foundIn(Buffer.from(' at &#64;\na dot a'))).toEqual({});
});

test('what is found line by line is what is found in the whole', () => {
  const piece = fc.constantFrom(
    ...[
      'a',
      '@',
      '.',
      'ann@x.org',
      'ö',
      '€',
      '😀',
      '\n',
      ' ',
      '<',
      '>',
      '"',
      'jörg@x.org',
      ' dot ',
      ' at ',
    ],
    ...['[at]', '&#64;', '%40', '\xff', '-'.repeat(90), 'x '.repeat(300)],
  );
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, (text) => {
      const whole = new Findings();
      // Line by line as well, for what is in disguise never goes on in the next.
      for (const lines of text.split('\n')) findInText(lines, whole);
      expect(foundIn(Buffer.from(text))).toEqual(Object.fromEntries(whole.addresses()));
    }),
    { numRuns: 20_000 },
  );
});

function foundIn(bytes: Uint8Array): Record<string, number> {
  const findings = new Findings();
  findInPlain(bytes, findings);
  return Object.fromEntries(findings.addresses());
}

function utf32(text: string): Buffer {
  const codes = Array.from(text, (letter) => letter.codePointAt(0)!);
  const bytes = Buffer.alloc(codes.length * 4);
  codes.forEach((code, i) => void bytes.writeUInt32LE(code, i * 4));
  return bytes;
}
