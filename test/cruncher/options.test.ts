import { describe, expect, test } from 'vitest';
import { HELP, readCommandLine, userFolder } from '../../examples/cruncher/src/options.ts';

const FOLDER = '/home/ines';

describe('readCommandLine()', () => {
  test('takes paths from the folder of the user, and shows them as typed', () => {
    expect(read('mail.txt', '../logs/', '/var/mail')).toEqual({
      kind: 'run',
      paths: [
        { shown: 'mail.txt', location: '/home/ines/mail.txt' },
        { shown: '../logs/', location: '/home/logs' },
        { shown: '/var/mail', location: '/var/mail' },
      ],
      format: 'report',
      top: 10,
      threads: 1,
      algorithm: 'fast',
    });
  });

  test('takes a dash for standard input', () => {
    expect(read('-', '--top', '3')).toMatchObject({
      paths: [{ shown: '-', location: '-' }],
      top: 3,
    });
  });

  test('crunches the samples when there is no path', () => {
    expect(read()).toMatchObject({
      kind: 'run',
      format: 'report',
      paths: [{ shown: 'samples', location: expect.stringMatching(/cruncher.samples$/) }],
    });
  });

  test('takes every option, before the paths or after them', () => {
    expect(read('--json', 'a', '--top=0')).toMatchObject({ format: 'json', top: 0 });
    expect(read('a', '--unique')).toMatchObject({ format: 'unique' });
    expect(read('--prompt', '--top', '5')).toEqual({
      kind: 'prompt',
      top: 5,
      threads: 1,
      algorithm: 'fast',
    });
    expect(read('--thorough', 'a')).toMatchObject({ kind: 'run', algorithm: 'thorough' });
    expect(read('--prompt', '--thorough')).toMatchObject({ algorithm: 'thorough' });
    expect(read('--threads', '4', 'a')).toMatchObject({ kind: 'run', threads: 4 });
    expect(read('--prompt', '--threads=auto')).toMatchObject({ kind: 'prompt', threads: 'auto' });
    expect(read('-h')).toEqual({ kind: 'help' });
    expect(read('--help', 'a')).toEqual({ kind: 'help' });
    expect(read('-V')).toEqual({ kind: 'version' });
    expect(read('--version')).toEqual({ kind: 'version' });
  });

  test('takes all after two dashes for paths', () => {
    expect(read('--', '--json')).toMatchObject({
      format: 'report',
      paths: [{ shown: '--json', location: '/home/ines/--json' }],
    });
  });

  test.each([
    [['--jsn'], 'There is no option "--jsn": if it is a path, write "./--jsn"'],
    [['-x', 'a'], 'There is no option "-x": if it is a path, write "./-x"'],
    [['--top', 'few'], '--top takes a whole number, such as 5, and got "few"'],
    [['--top', '-1'], '--top takes a whole number, such as 5, and got "-1"'],
    [['--top=1.5'], '--top takes a whole number, such as 5, and got "1.5"'],
    [['--top'], '--top takes a whole number, such as 5, and got nothing'],
    ...['0', '-1', '1.5', 'x', '', 'Auto'].map((typed): [string[], string] => [
      [`--threads=${typed}`],
      `--threads takes a whole number above 0, such as 2, or "auto", and got "${typed}"`,
    ]),
    [
      ['--threads'],
      '--threads takes a whole number above 0, such as 2, or "auto", and got nothing',
    ],
    [['--json=yes'], '--json takes no value: leave out "=yes"'],
    [['--no-json'], 'There is no option "--no-json": if it is a path, write "./--no-json"'],
    [['--json', '--unique'], '--json and --unique exclude each other: leave out one'],
    [['--prompt', 'a'], '--prompt asks for the files itself: leave out "a" or --prompt'],
    [['--prompt', '--json'], '--prompt prints as it goes: leave out --json'],
    [['--prompt', '--unique'], '--prompt prints as it goes: leave out --unique'],
    [[''], 'A path is empty: leave it out, or write . for here'],
  ])('says what is wrong with %j and points to the help', (args, message) => {
    expect(read(...args)).toEqual({ kind: 'wrong', message: `${message}\nTry --help` });
  });
});

test('the help names every option and fits a terminal of 80 columns', () => {
  for (const option of [
    '--threads',
    '--thorough',
    '--top',
    '--json',
    '--unique',
    '--prompt',
    '--help',
    '--version',
    '-V',
  ]) {
    expect(HELP).toContain(option);
  }
  expect(Math.max(...HELP.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('userFolder() is where npm was started, or else the working folder', () => {
  expect(userFolder({ INIT_CWD: '/home/ines' }, '/srv/app')).toBe('/home/ines');
  expect(userFolder({}, '/srv/app')).toBe('/srv/app');
});

function read(...args: string[]) {
  return readCommandLine(args, FOLDER);
}
