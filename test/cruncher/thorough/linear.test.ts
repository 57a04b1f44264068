/** Whatever a text is, 64 times as much of it takes about 64 times as long, and not 4096 times. */

import { expect, test } from 'vitest';
import { Findings } from '../../../examples/cruncher/src/thorough/findings.ts';
import { textOfHtml } from '../../../examples/cruncher/src/thorough/html.ts';
import { judge } from '../../../examples/cruncher/src/thorough/judge.ts';
import { findIn, findInPlain } from '../../../examples/cruncher/src/thorough/thorough.ts';

/** A megabyte shows no more, and takes four times as long: each night it is one. */
const BYTES = Number(process.env['BEAMISH_NASTY_KB'] ?? 256) * 1024;
const TIMES = 64;
/** Between the two, far from both. */
const MOST = 8 * TIMES;

const NASTY = [
  'a.',
  '(',
  ')',
  '"',
  '@',
  'a@',
  '@a.',
  ')@a.b',
  '"@a.b',
  '\\"@a.b ',
  '"a@b.c',
  '<a',
  '<a@b',
  'a@b.c>',
  'a@b.c ',
  'a@b.c\n',
  "a'@b.c'",
  'a@[',
  'a@(b',
  'a@b(',
  'a@b.--',
  'a@xn--a.',
  '...@a.b',
  ':@a.b',
  '://@a.b',
  '/a@b.c',
  '[at]',
  '[ at ',
  'a [dot] ',
  'a dot ',
  ' at a dot ',
  '&#',
  '&#64;',
  '&commat;',
  '%40',
  'mailto:%',
  '＠',
  'ö@',
  '用a@b.用',
  'Message-ID: @a.b\n',
  '<',
  '<!--',
  '<a "',
  '<a =">',
  '</b>',
];

test.each(NASTY)(`${BYTES / 1024} kB of %j`, (unit) => {
  expect(growth((bytes) => findInPlain(bytes, new Findings()), unit)).toBeLessThan(MOST);
  expect(growth((bytes) => textOfHtml(bytes.toString()), unit)).toBeLessThan(MOST);
  const judgeAll = (bytes: Buffer) => {
    const text = bytes.toString();
    for (const whole of [text, `a@${text}`, `"${text}"@b.c`]) judge(whole);
  };
  expect(growth(judgeAll, unit)).toBeLessThan(MOST);
});

test('a step is made for each letter of an address, and not more than some', () => {
  const { charCodeAt } = String.prototype;
  let steps = 0;
  String.prototype.charCodeAt = function (at) {
    steps++;
    return charCodeAt.call(this, at);
  };
  try {
    for (const unit of NASTY) {
      const bytes = Buffer.from(unit.repeat(1024 / unit.length));
      steps = 0;
      findInPlain(bytes, new Findings());
      const few = steps;
      const more = Buffer.concat(Array.from({ length: TIMES }, () => bytes));
      steps = 0;
      findInPlain(more, new Findings());
      expect(steps, unit).toBeLessThan(TIMES * (1.5 * few + 1000));
      // Each side of an @ is looked at as far as an address is long, and each letter there a few times.
      expect(steps, unit).toBeLessThan(2000 * more.length);
    }
  } finally {
    String.prototype.charCodeAt = charCodeAt;
  }
});

test('mails in mails, parts in parts and fields without end', async () => {
  const head = 'From: a@b.c\nSubject: nasty\n';
  const nested = (depth: number) =>
    `${head}${Array.from({ length: depth }, (_, i) => `Content-Type: multipart/mixed; boundary=${i}\n\n--${i}\n`).join('')}`;
  const inEachOther = (depth: number) => `${head}Content-Type: message/rfc822\n\n`.repeat(depth);
  const field = (length: number) => `${head}To: ${'a@b.c, '.repeat(length)}\n\n`;
  const folded = (length: number) => `${head}To: a@b.c${',\n a@b.c'.repeat(length)}\n\n`;
  const parts = (count: number) =>
    `${head}Content-Type: multipart/mixed; boundary=x\n\n${'--x\n\na@b.c\n'.repeat(count)}`;
  for (const [make, size] of [
    [nested, 200],
    [inEachOther, 20],
    [field, 500],
    [folded, 250],
    [parts, 100],
  ] as const) {
    const [few, many] = [Buffer.from(make(size)), Buffer.from(make(size * TIMES))];
    const times = [];
    for (const [bytes, rounds] of [
      [few, 3],
      [many, 1],
    ] as const) {
      let best = Number.POSITIVE_INFINITY;
      for (let round = 0; round < rounds; round++) {
        const findings = new Findings();
        const began = process.cpuUsage();
        await findIn(bytes, findings);
        best = Math.min(best, cpuSince(began));
        expect([...findings.addresses()].map(([address]) => address)).toEqual(['a@b.c']);
      }
      times.push(best);
    }
    expect(times[1]! / Math.max(times[0]!, 1000), make.toString()).toBeLessThan(MOST);
  }
}, 120_000);

/** How much longer it takes for all of something than for a part of it. */
function growth(work: (bytes: Buffer) => void, unit: string): number {
  const large = Buffer.from(unit.repeat(BYTES / unit.length));
  const small = large.subarray(0, large.length / TIMES);
  const time = (bytes: Buffer, rounds: number) => {
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < rounds; round++) {
      const began = process.cpuUsage();
      work(bytes);
      best = Math.min(best, cpuSince(began));
    }
    return best;
  };
  // What takes less than this is done at once, and its growth is noise.
  const few = Math.max(time(small, 3), 1000);
  return time(large, 1) / few;
}

/** In microseconds, of this program alone, whatever else the machine does. */
function cpuSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return user + system;
}
