/** What a page and a recording say of the program that is observed. */

import type { ProgramInfo } from '../terms/wire.ts';

export function programInfo(name: string): ProgramInfo & { readonly startedAt: number } {
  return {
    name,
    pid: process.pid,
    node: process.version,
    argv: process.argv.slice(1, 2),
    startedAt: Math.round(Date.now() - process.uptime() * 1000),
  };
}
