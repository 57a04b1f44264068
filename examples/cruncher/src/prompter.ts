// The prompter asks for one file after the other, until "quit" or the end of input. It asks again
// when the last file has been counted, so what is printed never runs into what is typed; who types
// ahead is heard in order, and "quit" ends only what has been counted.

import { createInterface } from 'node:readline';
import type { Actor, Self } from 'beamish';
import { STATUS, UPLOADER } from './messages.ts';
import { namedPath } from './options.ts';
import { PROMPT, parsingLine, QUITTING } from './report.ts';

export function* prompter(self: Self, input: NodeJS.ReadableStream, folder: string): Actor {
  const say = (text: string): void => self.send(STATUS, { tag: 'say', text });
  const reader = createInterface({ input });
  self.defer(() => reader.close());
  const lines = reader[Symbol.asyncIterator]();
  for (;;) {
    say(PROMPT);
    const line = yield* self.wait(lines.next());
    const typed = line.done === true ? 'quit' : line.value.trim();
    if (line.done === true) say('\n');
    if (typed === 'quit') return say(`${QUITTING}\n`);
    if (typed === '') continue;
    say(`${parsingLine(typed)}\n`);
    yield* self
      .call(UPLOADER, { tag: 'upload', paths: [namedPath(typed, folder)] })
      .within('infinity');
  }
}
