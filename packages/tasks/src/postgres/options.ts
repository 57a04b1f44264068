/** What a store in PostgreSQL is told. */

/** What a store in PostgreSQL may have otherwise. */
export interface PostgresOptions {
  /** Where its tables are; made when it is opened first. Default `'beamish'`. One schema is one store. */
  readonly schema?: string;
  /** At most so many connections of this process, besides the one that listens. Default 4. */
  readonly connections?: number;
  /** How long after a process has last been heard of what it runs is another's. Default 30,000; all processes of a store have the same. */
  readonly leaseMs?: number;
  /** A connection on which an answer takes longer is taken for lost. Default 15,000. */
  readonly silenceMs?: number;
}

export const DEFAULTS: Required<PostgresOptions> = {
  schema: 'beamish',
  connections: 4,
  leaseMs: 30_000,
  silenceMs: 15_000,
};

/** @throws TypeError or RangeError for what is no URL, and for options that are none. */
export function checkOptions(url: string, options: PostgresOptions): void {
  const { connections, leaseMs, silenceMs } = { ...DEFAULTS, ...options };
  if (typeof url !== 'string')
    throw new TypeError(`Cannot keep tasks at ${String(url)}: it is the URL of a database`);
  if (!(Number.isInteger(connections) && connections > 0))
    throw new RangeError(
      `Cannot keep tasks over ${String(connections)} connections: it is a whole number above 0`,
    );
  if (!(leaseMs >= 1000))
    throw new RangeError(
      `Cannot keep tasks with leases of ${String(leaseMs)} ms: it is a time of at least 1,000 ms`,
    );
  if (!(silenceMs >= 100))
    throw new RangeError(
      `Cannot take a database for lost after ${String(silenceMs)} ms: it is a time of at least 100 ms`,
    );
}
