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
  /** Resolves when nothing more can be written, with what is in the way. */
  readonly failed: Promise<string>;
  /** Waits until the results are written. Says what was in the way, if not all of them could be. */
  finish(): Promise<string | undefined>;
}

const ERASE_LINE = '\r\x1b[2K';

export function standardOutput(
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
  env: NodeJS.ProcessEnv,
): Output {
  let inProgress = false;
  let failure: NodeJS.ErrnoException | undefined;
  const failed = new Promise<string>((resolve) => {
    stdout.on('error', (error) => {
      failure ??= error;
      resolve(unwritten(error));
    });
  });
  // Who closes even this one does not want to hear it.
  stderr.on('error', () => {});
  const erase = (): void => {
    if (inProgress) stderr.write(ERASE_LINE);
    inProgress = false;
  };
  return {
    look: lookOf(stdout, env),
    failed,
    isTerminal: stdout.isTTY === true && stderr.isTTY === true,
    print(text) {
      erase();
      if (failure === undefined) stdout.write(text);
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
    async finish() {
      const error = await new Promise<Error | null | undefined>((written) => {
        stdout.write('', written);
      });
      failure ??= error ?? undefined;
      return failure === undefined ? undefined : unwritten(failure);
    },
  };
}

function unwritten(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EPIPE':
      return 'The output was closed before all of it was written';
    case 'ENOSPC':
      return 'The output could not be written: the disk is full';
    default:
      return `The output could not be written (${error.code ?? error.message})`;
  }
}
