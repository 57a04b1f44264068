// Who types at the prompt. On a terminal they can edit the line and find earlier ones again.

import { createInterface } from 'node:readline';
import type { Typist } from './prompter.ts';
import { PROMPT } from './report.ts';

export function typistAt(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Typist {
  const terminal = input.isTTY === true && output.isTTY === true;
  const reader = createInterface({ input, output, terminal, prompt: PROMPT });
  // While lines can be edited, Ctrl-C is but a key. The next one is to be a signal again.
  reader.on('SIGINT', () => {
    input.setRawMode(false);
    process.kill(process.pid, 'SIGINT');
  });
  const lines = reader[Symbol.asyncIterator]();
  return {
    async ask() {
      reader.prompt();
      const line = await lines.next();
      return line.done === true ? undefined : line.value;
    },
    close: () => reader.close(),
  };
}
