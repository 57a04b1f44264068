/** Figures of the runtime's sources, taken in a process of its own: what happens here must not show there. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FROM_SOURCE } from '../support/from-source.ts';

/** What a program of `probes/` prints. */
export async function probe<T>(
  name: string,
  args: readonly string[] = [],
  flags: readonly string[] = [],
): Promise<T> {
  const program = fileURLToPath(new URL(`probes/${name}.ts`, import.meta.url));
  const all = [...flags, ...FROM_SOURCE, program, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, all);
  return JSON.parse(stdout) as T;
}
