// What the cruncher prints: from numbers to text, and nothing else. Who prints it, and where, is
// decided elsewhere.

import type { Domains } from './domains.ts';
import type { FileResult } from './totals.ts';
import { bytes, count, countOf, duration, rate } from './units.ts';

/** How text may look where it goes. */
export interface Look {
  readonly colour: boolean;
  /** Columns of the terminal, for what has to fit in a line; infinite where it is none. */
  readonly columns: number;
}

/** All that the final report says. */
export interface Summary {
  readonly total: number;
  readonly distinct: number;
  /** Inputs that were tried. */
  readonly files: number;
  /** Those of them that could not be read, or not to their end. */
  readonly failed: number;
  readonly bytes: number;
  readonly ms: number;
  /** Those that are shown, and how many others there are. */
  readonly domains: Domains;
}

/** How far the reading has come. */
export interface Progress {
  readonly bytes: number;
  /** All bytes there are, once that is known. */
  readonly ofBytes: number | undefined;
  readonly ms: number;
}

/** The look for a stream: colour is for terminals, and only if the user has not declined it. */
export function lookOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: NodeJS.ProcessEnv,
): Look {
  const isTerminal = stream.isTTY === true;
  const { NO_COLOR = '', TERM } = env;
  // See no-color.org: set and not empty, whatever it says.
  const declined = NO_COLOR !== '' || TERM === 'dumb';
  return {
    colour: isTerminal && !declined,
    columns: isTerminal ? (stream.columns ?? 80) : Infinity,
  };
}

/** The line of a finished file: `mail.txt    3 found    2 new    3 in total`. */
export function fileLine(result: FileResult, look: Look): string {
  const numbers = [
    `${count(result.found).padStart(7)} found`,
    `${count(result.new).padStart(7)} new`,
    `${count(result.total).padStart(9)} in total`,
  ].join('  ');
  const space = Math.min(look.columns - 1, LINE_COLUMNS) - numbers.length - 2;
  const name = shortened(printable(result.path), Math.max(space, 12), look);
  const line = `${name.padEnd(space)}  ${numbers}`;
  return result.found === 0 ? dim(line, look) : line;
}

/** The line of an input that cannot be read, or not to its end: `mail.txt: no such file`. */
export function problemLine(path: string, message: string, look: Look): string {
  return `${red(`${printable(path)}:`, look)} ${printable(message)}`;
}

/** The line of something worth knowing that is no failure. */
export function noteLine(path: string, message: string, look: Look): string {
  return dim(`${printable(path)}: ${printable(message)}`, look);
}

/** The final report, in lines. */
export function reportLines(summary: Summary, look: Look): string[] {
  const { total, distinct, domains, files, failed, ms } = summary;
  const addresses = countOf(total, 'address', 'addresses');
  const ofThem = total === 0 ? '' : `, ${count(distinct)} distinct`;
  const speed = rate(summary.bytes, ms);
  const lines = ['', entry('Addresses', `${bold(addresses, look)}${ofThem}`, look)];
  if (domains.first.length > 0) lines.push(...domainLines(domains, look));
  const whole = failed > 0 ? `${count(files - failed)} of ` : '';
  lines.push(entry('Read', `${whole}${countOf(files, 'file')}, ${bytes(summary.bytes)}`, look));
  if (failed > 0) lines.push(entry('Failed', red(`${count(failed)}, named above`, look), look));
  lines.push(entry('Time', duration(ms) + (speed === '' ? '' : `, ${speed}`), look));
  return lines;
}

/** The result for programs: one object, one line. */
export function jsonLine(summary: Summary, files: readonly FileResult[]): string {
  return JSON.stringify({
    total: summary.total,
    distinct: summary.distinct,
    bytes: summary.bytes,
    ms: Math.round(summary.ms),
    files: files.map(({ path, found, new: fresh, bytes: size, error }) => {
      const file = { path, found, new: fresh, bytes: size };
      return error === undefined ? file : { ...file, error };
    }),
    domains: summary.domains.first,
  });
}

/** The progress, in less than a line: what matters least is left out where it does not fit. */
export function progressLine(progress: Progress, look: Look): string {
  const { bytes: done, ofBytes, ms } = progress;
  const speed = rate(done, ms);
  const parts = [];
  if (ofBytes === undefined) {
    parts.push(`${bytes(done)} read`, speed);
  } else {
    // A file may grow while it is read.
    const share = ofBytes > 0 ? Math.min(1, done / ofBytes) : 1;
    parts.push(`${Math.floor(share * 100)} %`.padStart(5), timeLeft(share, ms), speed);
    parts.push(`${bytes(done)} of ${bytes(ofBytes)}`);
  }
  let line = '';
  for (const part of parts.filter((each) => each !== '')) {
    const longer = line === '' ? part : `${line}   ${part}`;
    // The last column stays free: some terminals wrap when it is written.
    if (longer.length >= look.columns) break;
    line = longer;
  }
  return line;
}

/** The texts of the prompt, those of the Erlang original. */
export const PROMPT = '> ';
export const QUITTING = 'Quitting...';

export function parsingLine(path: string): string {
  return `Parsing ${printable(path)}`;
}

export function receivedLine(found: number, total: number): string {
  return `Received ${found} more ${found === 1 ? 'email' : 'emails'}, now ${total} in total...`;
}

export function errorReadingLine(path: string, reason: string): string {
  return `Error reading ${printable(path)}: ${printable(reason)}`;
}

/** Why an actor ended, for people. */
export function whyOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

/** A text from outside, such as a name, with what would command the terminal made visible. */
export function printable(text: string): string {
  return text.replace(COMMANDS, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

// Control characters, and those that turn the direction of the text after them.
const COMMANDS = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const LABEL_COLUMNS = 12;
// A wider terminal would tear names and numbers apart.
const LINE_COLUMNS = 90;

/** On a terminal, the end of a name that is too long: that is what tells files apart. */
function shortened(name: string, columns: number, look: Look): string {
  if (name.length <= columns || look.columns === Infinity) return name;
  return `\u2026${name.slice(name.length - columns + 1)}`;
}

function entry(label: string, text: string, look: Look): string {
  return `${dim(label.padEnd(LABEL_COLUMNS), look)}${text}`;
}

function domainLines({ first, others }: Domains, look: Look): string[] {
  const width = count(first[0]?.count ?? 0).length;
  const lines = first.map(({ domain, count: n }, i) =>
    entry(i === 0 ? 'Domains' : '', `${count(n).padStart(width)}  ${domain}`, look),
  );
  if (others > 0) lines.push(entry('', dim(`and ${countOf(others, 'other')}`, look), look));
  return lines;
}

function timeLeft(share: number, ms: number): string {
  if (share === 0) return '';
  // Below a second nobody wants to know.
  return `${duration(Math.ceil((ms * (1 - share)) / share / 1000) * 1000)} left`;
}

type Paint = (text: string, look: Look) => string;

const bold: Paint = (text, look) => (look.colour ? `\x1b[1m${text}\x1b[22m` : text);
const dim: Paint = (text, look) => (look.colour ? `\x1b[2m${text}\x1b[22m` : text);
const red: Paint = (text, look) => (look.colour ? `\x1b[31m${text}\x1b[39m` : text);
