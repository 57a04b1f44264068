/** What the environment says, checked before anything begins. */

import { cpus } from 'node:os';

export interface Settings {
  readonly host: string;
  readonly port: number;
  /** A folder. */
  readonly store: string;
  /** How many trial divisions at a time, each in a thread of its own. */
  readonly concurrency: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws RangeError that says which variable is wrong */
export function settingsFrom(env: Environment): Settings {
  const { HOST = '127.0.0.1', STORE = '.beamish/prime', CONCURRENCY = 'cores' } = env;
  return {
    host: HOST,
    port: whole('PORT', env['PORT'] ?? '8080', 0, 65_535),
    store: STORE,
    concurrency:
      CONCURRENCY === 'cores' ? cpus().length : whole('CONCURRENCY', CONCURRENCY, 1, 1024),
  };
}

function whole(name: string, value: string, least: number, most: number): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isInteger(number) && number >= least && number <= most)
    return number;
  throw new RangeError(
    `Cannot start: ${name} is a whole number from ${least} to ${most}, not "${value}"`,
  );
}
