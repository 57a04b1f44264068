// The prompter asks for one file after the other, until "quit" or the end of input. It asks again
// when the last file has been counted, so what is printed never runs into what is typed; who types
// ahead is heard in order, and "quit" ends only what has been counted.

import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Actor, Self } from 'beamish';
import { type Failures, STATUS, UPLOADER } from './messages.ts';
import { PROMPT, parsingLine, QUITTING } from './report.ts';

export function* prompter(
  self: Self,
  input: NodeJS.ReadableStream,
  folder: string,
): Actor<Failures> {
  const say = (text: string) => self.call(STATUS, { tag: 'say', text }).within('infinity');
  const reader = createInterface({ input });
  self.defer(() => reader.close());
  const lines = reader[Symbol.asyncIterator]();
  let failures = 0;
  for (;;) {
    yield* say(PROMPT);
    const line = yield* self.wait(lines.next());
    const typed = line.done === true ? 'quit' : line.value.trim();
    if (line.done === true) yield* say('\n');
    if (typed === 'quit') break;
    if (typed === '') continue;
    yield* say(`${parsingLine(typed)}\n`);
    // Standard input holds the names, so here a dash is one of them.
    const path = { shown: typed, location: resolve(folder, typed) };
    failures = yield* self.call(UPLOADER, { tag: 'upload', paths: [path] }).within('infinity');
  }
  yield* say(`${QUITTING}\n`);
  return failures;
}
