// The status displayer keeps the totals, and is the only one who prints. What it hears may come in
// any order, and a part of it twice; it counts in the order of input, and each number once.

import type { Actor, Context, Self } from 'beamish';
import type { News, ToStatus } from './messages.ts';
import type { Format } from './options.ts';
import type { Output } from './output.ts';
import {
  errorReadingLine,
  fileLine,
  jsonLine,
  noteLine,
  problemLine,
  progressLine,
  receivedLine,
  reportLines,
  type Summary,
} from './report.ts';
import { type FileResult, Totals } from './totals.ts';

const PROGRESS_EVERY_MS = 200;
const LINES_PER_WRITE = 1000;

export interface StatusOptions {
  readonly output: Output;
  readonly format: Format | 'prompt';
  readonly top: number;
  /** Whether somebody watches who is not typing. */
  readonly showsProgress: boolean;
  /** Milliseconds of some clock. */
  readonly now: () => number;
}

export function* status(self: Self<ToStatus>, options: StatusOptions): Actor {
  const display = new Display(self, options);
  if (options.showsProgress) self.sendAfter(PROGRESS_EVERY_MS, self.pid, { tag: 'tick' });
  for (;;) {
    const message = yield* self.receive();
    switch (message.tag) {
      case 'report':
        display.report();
        self.send(message.replyTo, 'printed');
        return yield* afterReport(self);
      case 'say':
        options.output.print(message.text);
        self.send(message.replyTo, 'printed');
        break;
      case 'size':
        display.size(message.bytes);
        break;
      case 'sized':
        display.sized = true;
        break;
      case 'tick':
        display.progress();
        self.sendAfter(PROGRESS_EVERY_MS, self.pid, { tag: 'tick' });
        break;
      case 'EXIT':
      case 'DOWN':
        break;
      default:
        display.news(message);
    }
  }
}

/** The report is the last that is printed, whatever else comes; a second one is that of the first. */
function* afterReport(self: Self<ToStatus>): Actor<never> {
  for (;;) {
    const { replyTo } = yield* self.receive('report');
    self.send(replyTo, 'printed');
  }
}

class Display {
  /** Every size is known. */
  sized = false;
  readonly #self: Context;
  readonly #options: StatusOptions;
  readonly #totals = new Totals();
  readonly #began: number;
  /** The number that is next to count, and what came before its turn. */
  #next = 0;
  readonly #early = new Map<number, News>();
  /** Results of the files, kept for `--json` only. */
  readonly #files: FileResult[] = [];
  /** Why a chunk of the current file was given up, if one was. */
  #gaveUp: string | undefined;
  /** Bytes of the files that have ended, and those of the current one's chunks. */
  #bytes = 0;
  /** Bytes of all input, as far as the surveyor has come; `undefined` if nobody can say. */
  #bytesInAll: number | undefined = 0;

  constructor(self: Context, options: StatusOptions) {
    this.#self = self;
    this.#options = options;
    this.#began = options.now();
  }

  size(bytes: number | undefined): void {
    if (this.#bytesInAll === undefined) return;
    this.#bytesInAll = bytes === undefined ? undefined : this.#bytesInAll + bytes;
  }

  progress(): void {
    const { output } = this.#options;
    const ofBytes = this.sized ? this.#bytesInAll : undefined;
    output.progress(progressLine({ bytes: this.#bytes, ofBytes, ms: this.#ms() }, output.look));
  }

  /** Counts what is next, and then what has been waiting for it. */
  news(news: News): void {
    if (news.seq < this.#next || this.#early.has(news.seq)) return;
    this.#early.set(news.seq, news);
    for (
      let next = this.#early.get(this.#next);
      next !== undefined;
      next = this.#early.get(this.#next)
    ) {
      this.#early.delete(this.#next);
      this.#next++;
      this.#count(next);
    }
  }

  #count(news: News): void {
    switch (news.tag) {
      case 'crunched':
        this.#bytes += news.bytes;
        this.#totals.add(news.found);
        break;
      case 'gave_up':
        this.#gaveUp ??= news.reason;
        break;
      case 'note':
        this.#options.output.complain(
          `${noteLine(news.path, news.message, this.#options.output.look)}\n`,
        );
        break;
      case 'file_end':
        this.#endFile(news.path, news.bytes, news.error);
        break;
      case 'upload_end':
        this.#self.send(news.replyTo, this.#totals.failed);
        break;
    }
  }

  #endFile(path: string, bytes: number, readError: string | undefined): void {
    const error =
      readError ??
      (this.#gaveUp === undefined ? undefined : `a part could not be crunched: ${this.#gaveUp}`);
    this.#gaveUp = undefined;
    const result = this.#totals.endFile(path, bytes, error);
    this.#bytes = this.#totals.bytes;
    const { output, format } = this.#options;
    if (format === 'json') this.#files.push(result);
    if (format === 'prompt') {
      if (error !== undefined) output.print(`${errorReadingLine(path, error)}\n`);
      if (error === undefined || bytes > 0)
        output.print(`${receivedLine(result.found, result.total)}\n`);
      return;
    }
    if (error !== undefined) output.complain(`${problemLine(path, error, output.look)}\n`);
    if (format === 'report' && (error === undefined || bytes > 0))
      output.print(`${fileLine(result, output.look)}\n`);
  }

  /** Prints what has been counted so far. */
  report(): void {
    const { output, format } = this.#options;
    output.progress('');
    switch (format) {
      case 'json':
        output.print(`${jsonLine(this.#summary(), this.#files)}\n`);
        break;
      case 'unique':
        for (const lines of linesOf(this.#totals.addresses())) output.print(lines);
        break;
      case 'report':
      case 'prompt':
        output.print(`${reportLines(this.#summary(), output.look).join('\n')}\n`);
        break;
    }
  }

  #summary(): Summary {
    const { total, distinct, files, failed } = this.#totals;
    return {
      total,
      distinct,
      files,
      failed,
      bytes: this.#bytes,
      ms: this.#ms(),
      domains: this.#totals.domains(this.#options.top),
    };
  }

  #ms(): number {
    return this.#options.now() - this.#began;
  }
}

/** A write costs more than a line, and a single text of all lines can be longer than a string may be. */
function* linesOf(addresses: readonly string[]): Generator<string> {
  for (let i = 0; i < addresses.length; i += LINES_PER_WRITE) {
    yield `${addresses.slice(i, i + LINES_PER_WRITE).join('\n')}\n`;
  }
}
