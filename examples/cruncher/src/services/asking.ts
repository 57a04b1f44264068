// The two who publish files: one asks for their names, the other has been given them.

import { resolve } from 'node:path';
import type { Deliveries } from '@beamish/exchange';
import type { Actor, Self } from 'beamish';
import { diskFiles } from '../disk-files.ts';
import { inputsOf, type NamedPath } from '../input.ts';
import type { Typist } from '../prompter.ts';
import { errorReadingLine, parsingLine, printable, QUITTING, receivedLine } from '../report.ts';
import { Requests } from './requests.ts';
import { type Result, type TopologyOptions, topology } from './topology.ts';

export interface AskingOptions {
  readonly topology: TopologyOptions;
  /** Whose results are waited for. */
  readonly crunchers: readonly string[];
  /** How long, before the next name is asked for: the crunchers may be elsewhere, and not running. */
  readonly patienceMs: number | 'infinity';
  readonly print: (text: string) => void;
}

/** Asks for one file after the other, until "quit" or the end of input; returns how many could not be read. */
export function* prompt(
  self: Self<Deliveries<Result>>,
  typist: Typist,
  folder: string,
  options: AskingOptions,
): Actor<number> {
  const desk = yield* opened(self, options, true);
  self.defer(() => typist.close());
  for (;;) {
    const line = yield* self.wait(typist.ask());
    if (line === undefined) options.print('\n');
    const typed = line === undefined ? 'quit' : line.trim();
    if (typed === 'quit') break;
    if (typed === '') continue;
    options.print(`${parsingLine(typed)}\n`);
    yield* desk.publish({ shown: typed, location: resolve(folder, typed) });
    yield* desk.hear();
  }
  desk.quit();
  return desk.failures;
}

/** Publishes all that there is under some paths; returns how many files could not be read. */
export function* uploader(
  self: Self<Deliveries<Result>>,
  paths: readonly NamedPath[],
  options: AskingOptions,
): Actor<number> {
  const desk = yield* opened(self, options, false);
  for (const path of paths) yield* desk.publishAll(path);
  yield* desk.hear();
  desk.quit();
  return desk.failures;
}

function* opened(
  self: Self<Deliveries<Result>>,
  options: AskingOptions,
  isAlone: boolean,
): Actor<Desk> {
  const its = topology(options.topology);
  const requests = new Requests(self, its, options.crunchers);
  yield* requests.begin();
  return new Desk(requests, options, isAlone);
}

class Desk {
  /** Files that could not be read; each cruncher says so, and it counts once. */
  readonly #failed = new Set<string>();
  readonly #requests: Requests;
  readonly #options: AskingOptions;
  readonly #hasSeveral: boolean;
  /** One file at a time: it need not be named again. */
  readonly #isAlone: boolean;

  constructor(requests: Requests, options: AskingOptions, isAlone: boolean) {
    this.#isAlone = isAlone;
    this.#requests = requests;
    this.#options = options;
    this.#hasSeveral = options.crunchers.length > 1;
  }

  get failures(): number {
    return this.#failed.size;
  }

  *publish({ shown, location }: NamedPath): Actor {
    yield* this.#requests.publish(String(location), shown);
  }

  /** A file, or all that a folder holds. */
  *publishAll(path: NamedPath): Actor {
    for (const input of inputsOf([path], diskFiles)) {
      if (input.kind === 'file')
        yield* this.#requests.publish(input.location.toString(), input.path);
      else if (input.kind === 'problem') this.#fail(input.path, input.path, input.message);
    }
  }

  /** Prints what comes, for as long as it is waited for. */
  *hear(): Actor {
    for (;;) {
      const result = yield* this.#requests.next(this.#options.patienceMs);
      if (result === undefined) return;
      this.#show(result);
    }
  }

  quit(): void {
    const { open } = this.#requests;
    if (open > 0)
      this.#options.print(`${open} ${open === 1 ? 'result is' : 'results are'} still to come\n`);
    this.#options.print(`${QUITTING}\n`);
  }

  #show({ cruncher, work, shown, found, total, error }: Result): void {
    if (error !== undefined) this.#fail(work, shown, error);
    if (error !== undefined && found === 0) return;
    const who = this.#hasSeveral ? `${cruncher}: ` : '';
    const of = this.#isAlone ? '' : `${printable(shown)}  `;
    this.#options.print(`${of}${who}${receivedLine(found, total)}\n`);
  }

  #fail(file: string, shown: string, error: string): void {
    if (this.#failed.has(file)) return;
    this.#failed.add(file);
    this.#options.print(`${errorReadingLine(shown, error)}\n`);
  }
}
