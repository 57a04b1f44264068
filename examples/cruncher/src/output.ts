// Where the status displayer prints: the program's two streams, either of which may be closed by
// whoever reads it while we still write.

import { type Look, lookOf } from './report.ts';

export interface Output {
  readonly look: Look;
  /** Whether a progress line makes sense. */
  readonly isTerminal: boolean;
  /** Results. */
  print(text: string): void;
  /** What is worth a line, but is no result. */
  complain(text: string): void;
  /** A line that the next one replaces; empty to have none. */
  progress(text: string): void;
  /** Nobody reads the results any more. */
  readonly closed: boolean;
}

const ERASE_LINE = '\r\x1b[2K';

export function standardOutput(
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
  env: NodeJS.ProcessEnv,
): Output {
  let closed = false;
  let inProgress = false;
  stdout.on('error', () => {
    closed = true;
  });
  // Who closes even this one does not want to hear it.
  stderr.on('error', () => {});
  const erase = (): void => {
    if (inProgress) stderr.write(ERASE_LINE);
    inProgress = false;
  };
  return {
    look: lookOf(stdout, env),
    isTerminal: stdout.isTTY === true && stderr.isTTY === true,
    print(text) {
      erase();
      if (!closed) stdout.write(text);
    },
    complain(text) {
      erase();
      stderr.write(text);
    },
    progress(text) {
      erase();
      if (text === '') return;
      stderr.write(text);
      inProgress = true;
    },
    get closed() {
      return closed;
    },
  };
}
