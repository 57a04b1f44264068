/** The database that tests may use: PGHOST's, or the one behind the local socket. */

import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import pg from 'pg';

const SOCKETS = '/var/run/postgresql';
const { PGHOST, PGPORT = '5432', PGUSER = userInfo().username, PGDATABASE = 'test' } = process.env;
const host = PGHOST ?? (existsSync(`${SOCKETS}/.s.PGSQL.${PGPORT}`) ? SOCKETS : '127.0.0.1');

/** Where it listens: a path, or a port of this machine; undefined of another machine's. */
export const LISTENS =
  host === SOCKETS
    ? `${SOCKETS}/.s.PGSQL.${PGPORT}`
    : host === '127.0.0.1'
      ? Number(PGPORT)
      : undefined;

/** Its URL. */
export const POSTGRES = urlOf(host, PGPORT);

/** The same database by another way. */
export function urlOf(through: string, port: string | number): string {
  return `postgresql:///${PGDATABASE}?host=${encodeURIComponent(through)}&port=${port}&user=${encodeURIComponent(PGUSER)}`;
}

/** Whether there is one. With BEAMISH_REQUIRE_SERVICES=1 there has to be. */
export async function hasPostgres(): Promise<boolean> {
  const client = new pg.Client({ connectionString: POSTGRES, connectionTimeoutMillis: 2000 });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (error) {
    // Nobody answers there, or not to us.
    if (process.env['BEAMISH_REQUIRE_SERVICES'] === '1') throw error;
    return false;
  }
}

/** Asks it something. */
export async function ask(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: POSTGRES });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

let schemas = 0;

/** The name of a schema that nobody else has. */
export function freshSchema(): string {
  return `beamish_test_${process.pid}_${schemas++}_${Date.now().toString(36)}`;
}

export async function dropSchema(schema: string): Promise<void> {
  await ask(`drop schema if exists ${schema} cascade`);
}
