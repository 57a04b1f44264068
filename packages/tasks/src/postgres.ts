/** @beamish/tasks/postgres: a store in PostgreSQL, for several processes and machines. */

import type { PostgresOptions } from './postgres/options.ts';
import { PostgresStore } from './postgres/postgres-store.ts';
import type { Store } from './stores/store.ts';

export type { PostgresOptions } from './postgres/options.ts';

/**
 * PostgreSQL 11 and above, for several processes and machines. Needs `pg`, an optional peer dependency. The
 * tables are made in a schema of their own when it is opened first. What `submit` has reported is as safe as
 * what the database has committed.
 *
 * A process that dies loses its leases after at most 30 seconds, and its tasks are queued again by another one.
 * Leases and moments go by the clocks of the processes, which must agree to a few seconds; who leads the schedules
 * goes by the database's. A database that is away is tried again each second: meanwhile submissions reject,
 * nothing is begun, and what runs goes on; what ends meanwhile is kept when it is back.
 *
 * ```ts
 * import { postgres } from '@beamish/tasks/postgres';
 *
 * await using app = await tasks(system, { tasks: [mail], store: postgres('postgres://localhost/app') });
 * ```
 *
 * The application fails to start when the database cannot be reached, or has tables of another version.
 *
 * @throws TypeError or RangeError for what is no URL, and for options that are none.
 */
export function postgres(url: string, options: PostgresOptions = {}): Store {
  return new PostgresStore(url, options);
}
