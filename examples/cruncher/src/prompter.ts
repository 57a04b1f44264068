// The prompter asks for one file after the other, until "quit" or the end of input. It asks again
// when the last file has been counted, so what is printed never runs into what is typed; who types
// ahead is heard in order, and "quit" ends only what has been counted.

import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Actor, Self } from 'beamish';
import { type Failures, STATUS, UPLOADER } from './messages.ts';
import { parsingLine, QUITTING } from './report.ts';

/** Whom it asks. */
export interface Typist {
  /** Resolves with the next line; with `undefined` when there are no more. */
  ask(): Promise<string | undefined>;
  close(): void;
}

export function* prompter(self: Self, typist: Typist, folder: string): Actor<Failures> {
  const say = (text: string) => self.call(STATUS, { tag: 'say', text }).within('infinity');
  self.defer(() => typist.close());
  let failures = 0;
  for (;;) {
    const line = yield* self.wait(typist.ask());
    if (line === undefined) yield* say('\n');
    const typed = line === undefined ? 'quit' : line.trim();
    if (typed === 'quit') break;
    if (typed === '') continue;
    yield* say(`${parsingLine(typed)}\n`);
    // Standard input holds the names, so here a dash is one of them.
    const path = { shown: typed, location: resolve(folder, fromHome(typed)) };
    failures = yield* self.call(UPLOADER, { tag: 'upload', paths: [path] }).within('infinity');
  }
  yield* say(`${QUITTING}\n`);
  return failures;
}

/** Elsewhere the shell does that. */
function fromHome(typed: string): string {
  return /^~(?=[/\\]|$)/.test(typed) ? homedir() + typed.slice(1) : typed;
}
