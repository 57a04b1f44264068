/** What the environment says, checked before anything begins. */

import { cpus } from 'node:os';

export interface Settings {
  readonly host: string;
  readonly port: number;
  /** A folder. */
  readonly store: string;
  /** Which part of it this process is. */
  readonly role: 'both' | 'web' | 'worker';
  /** Where others do the work; undefined if it is done here. */
  readonly elsewhere: Elsewhere | undefined;
  /** How many trial divisions at a time, each in a thread of its own. */
  readonly concurrency: number;
}

/** A deployment of Celery's, as it names them. */
export interface Elsewhere {
  readonly broker: string;
  readonly results: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws RangeError that says which variable is wrong */
export function settingsFrom(env: Environment, role = 'both'): Settings {
  if (role !== 'both' && role !== 'web' && role !== 'worker')
    throw new RangeError(`Cannot start: --role is web or worker, not "${role}"`);
  const { BROKER: broker, BACKEND: results } = env;
  const elsewhere = broker && results ? { broker, results } : undefined;
  if (elsewhere === undefined && (broker || results || role !== 'both'))
    throw new RangeError(
      'Cannot start: work that is done elsewhere needs both BROKER (amqp://… or redis://…) and BACKEND (rpc:// or redis://…)',
    );
  const { HOST = '127.0.0.1', STORE = '.beamish/prime', CONCURRENCY = 'cores' } = env;
  return {
    host: HOST,
    port: whole('PORT', env['PORT'] ?? '8080', 0, 65_535),
    store: STORE,
    role,
    elsewhere,
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
