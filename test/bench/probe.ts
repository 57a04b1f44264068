/** Figures of the runtime's sources, taken in a process of its own: what happens here must not show there. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What a program of `probes/` prints. */
export async function probe<T>(
  name: string,
  args: readonly string[] = [],
  flags: readonly string[] = [],
): Promise<T> {
  const program = fileURLToPath(new URL(`probes/${name}.ts`, import.meta.url));
  const source = ['--conditions=beamish-source', '--import', 'tsx'];
  const all = [...flags, ...source, program, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, all);
  return JSON.parse(stdout) as T;
}
