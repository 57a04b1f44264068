/** The lines that systems write to stderr, kept from it. */

import { vi } from 'vitest';

export class Log {
  readonly lines: string[] = [];

  /** What is written from now on, until the mocks are restored. */
  static ofStderr(): Log {
    const log = new Log();
    vi.spyOn(console, 'error').mockImplementation((line: string) => log.lines.push(line));
    return log;
  }
}
