import { describe, expect, test } from 'vitest';
import {
  errorReadingLine,
  fileLine,
  jsonLine,
  type Look,
  lookOf,
  noteLine,
  PROMPT,
  parsingLine,
  printable,
  problemLine,
  progressLine,
  QUITTING,
  receivedLine,
  reportLines,
  type Summary,
} from '../../examples/cruncher/src/report.ts';

const PLAIN: Look = { colour: false, columns: 80 };
const COLOURED: Look = { colour: true, columns: 80 };

const PIPED: Look = { colour: false, columns: Infinity };

const SUMMARY: Summary = {
  total: 1234,
  distinct: 567,
  files: 4,
  failed: 0,
  bytes: 3_100_000,
  ms: 12.4,
  domains: {
    first: [
      { domain: 'example.org', count: 1200 },
      { domain: 'example.com', count: 30 },
    ],
    others: 1,
  },
};

const RESULT = { path: 'mail.txt', found: 3, new: 2, total: 1003, bytes: 15 };

describe('fileLine()', () => {
  test('aligns the numbers of short and long names', () => {
    expect(fileLine(RESULT, PLAIN)).toBe(
      'mail.txt                               3 found        2 new      1,003 in total',
    );
    const long = { ...RESULT, path: 'attic/letters-1997.txt', found: 12 };
    expect(fileLine(long, PLAIN)).toBe(
      'attic/letters-1997.txt                12 found        2 new      1,003 in total',
    );
  });

  test('keeps large numbers apart', () => {
    const line = fileLine({ ...RESULT, found: 1e8, new: 1e8, total: 1e12 }, PLAIN);
    expect(line).toMatch(/ {2}100,000,000 found {2}100,000,000 new {2}1,000,000,000,000 in total$/);
  });

  test('shows the end of a name that is too long for a terminal, and all of it elsewhere', () => {
    const long = { ...RESULT, path: `${'a'.repeat(90)}.txt` };
    expect(fileLine(long, PLAIN)).toMatch(/^\u2026a{26}\.txt {8}3 found/);
    expect(fileLine(long, PLAIN)).toHaveLength(79);
    expect(fileLine(long, PIPED)).toMatch(/^a{90}\.txt {8}3 found/);
  });
});

describe('reportLines()', () => {
  test('gives the totals, the top domains, what was read and how fast', () => {
    expect(reportLines(SUMMARY, PLAIN)).toEqual([
      '',
      'Addresses   1,234 addresses, 567 distinct',
      'Domains     1,200  example.org',
      '               30  example.com',
      '            and 1 other',
      'Read        4 files, 3.1 MB',
      'Time        12 ms, 250 MB/s',
    ]);
  });

  test('says how many inputs failed', () => {
    const lines = reportLines({ ...SUMMARY, failed: 1 }, PLAIN);
    expect(lines).toContain('Read        3 of 4 files, 3.1 MB');
    expect(lines).toContain('Failed      1, named above');
  });

  test('leaves out the domains when there are none', () => {
    const domains = { first: [], others: 0 };
    const none = { ...SUMMARY, total: 0, distinct: 0, files: 1, bytes: 0, ms: 0, domains };
    expect(reportLines(none, PLAIN)).toEqual([
      '',
      'Addresses   0 addresses',
      'Read        1 file, 0 B',
      'Time        0 ms',
    ]);
  });

  test('colours only where colour is wanted', () => {
    const text = (look: Look) => reportLines({ ...SUMMARY, failed: 1 }, look).join('\n');
    expect(text(COLOURED)).toContain('\x1b[');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colour
    expect(text(COLOURED).replace(/\x1b\[\d+m/g, '')).toBe(text(PLAIN));
  });
});

test('jsonLine() has exactly the promised members', () => {
  const failed = { path: 'no', found: 0, new: 0, total: 1003, bytes: 0, error: 'no such file' };
  expect(JSON.parse(jsonLine(SUMMARY, [RESULT, failed]))).toStrictEqual({
    total: 1234,
    distinct: 567,
    bytes: 3_100_000,
    ms: 12,
    files: [
      { path: 'mail.txt', found: 3, new: 2, bytes: 15 },
      { path: 'no', found: 0, new: 0, bytes: 0, error: 'no such file' },
    ],
    domains: [
      { domain: 'example.org', count: 1200 },
      { domain: 'example.com', count: 30 },
    ],
  });
});

describe('progressLine()', () => {
  const half = { bytes: 1_200_000_000, ofBytes: 2_400_000_000, ms: 2000 };

  test('gives the share, the time left, the speed and the bytes', () => {
    expect(progressLine(half, PLAIN)).toBe(' 50 %   2.0 s left   600 MB/s   1.2 GB of 2.4 GB');
  });

  test('says no time left before the size of the whole is known', () => {
    expect(progressLine({ ...half, ofBytes: undefined }, PLAIN)).toBe('1.2 GB read   600 MB/s');
  });

  test('fits the terminal and leaves its last column free', () => {
    for (let columns = 1; columns < 80; columns++) {
      expect(progressLine(half, { colour: false, columns }).length).toBeLessThan(columns);
    }
    expect(progressLine(half, { colour: false, columns: 20 })).toBe(' 50 %   2.0 s left');
  });

  test('has no time left at the start and none at the end', () => {
    expect(progressLine({ bytes: 0, ofBytes: 10, ms: 0 }, PLAIN)).toBe('  0 %   0 B of 10 B');
    expect(progressLine({ bytes: 11, ofBytes: 10, ms: 1 }, PLAIN)).toMatch(/^100 % {3}0 ms left/);
    expect(progressLine({ bytes: 0, ofBytes: 0, ms: 1 }, PLAIN)).toMatch(/^100 %/);
  });
});

test('the prompt speaks as the Erlang original does', () => {
  expect(PROMPT).toBe('> ');
  expect(parsingLine('mail.txt')).toBe('Parsing mail.txt');
  expect(receivedLine(3, 3)).toBe('Received 3 more emails, now 3 in total...');
  expect(receivedLine(1, 4)).toBe('Received 1 more email, now 4 in total...');
  expect(errorReadingLine('no.txt', 'no such file')).toBe('Error reading no.txt: no such file');
  expect(QUITTING).toBe('Quitting...');
});

describe('a name from outside', () => {
  test('cannot command the terminal', () => {
    expect(printable('a\x1b[2J\r\n\x9b\u202eb')).toBe('a\\x1b[2J\\x0d\\x0a\\x9b\\u202eb');
    for (const line of [
      fileLine({ ...RESULT, path: '\x1b]0;x\x07' }, PLAIN),
      problemLine('\x1b]0;x\x07', 'is\x07 odd', PLAIN),
      noteLine('\x1b]0;x\x07', 'leads back to \x07', PLAIN),
      parsingLine('\x07'),
      errorReadingLine('\x07', 'no'),
    ]) {
      expect(line).not.toMatch(/\p{Cc}/u);
    }
  });

  test('is otherwise shown as it is', () => {
    expect(problemLine('Grüße 日本.txt', 'no such file', PLAIN)).toBe(
      'Grüße 日本.txt: no such file',
    );
  });
});

describe('lookOf()', () => {
  test('has colour on a terminal unless NO_COLOR is set or the terminal is dumb', () => {
    const terminal = { isTTY: true, columns: 120 };
    expect(lookOf(terminal, {})).toEqual({ colour: true, columns: 120 });
    expect(lookOf(terminal, { NO_COLOR: '1' }).colour).toBe(false);
    expect(lookOf(terminal, { NO_COLOR: '' }).colour).toBe(true);
    expect(lookOf(terminal, { TERM: 'dumb' }).colour).toBe(false);
  });

  test('has no colour and no width where output is no terminal', () => {
    expect(lookOf({}, {})).toEqual(PIPED);
  });
});
