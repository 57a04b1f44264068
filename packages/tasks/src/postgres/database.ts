/** The connections to the database: a few for what is asked, and one that listens. */

import pg from 'pg';
import { StoreFailed } from '../stores/store.ts';

/** Until one that was lost is tried again. */
const AGAIN_MS = 500;

export type Row = Readonly<Record<string, unknown>>;
/** Asks, within a transaction or without. */
export type Ask = (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

export class Database {
  readonly #options: pg.ClientConfig;
  readonly #pool: pg.Pool;
  readonly #silenceMs: number;
  #isClosed = false;
  #listening: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(url: string, connections: number, silenceMs: number) {
    this.#silenceMs = silenceMs;
    this.#options = {
      connectionString: url,
      application_name: 'beamish tasks',
      connectionTimeoutMillis: silenceMs,
      // An answer that takes longer is none: the connection is given up.
      query_timeout: silenceMs,
      keepAlive: true,
    };
    this.#pool = new pg.Pool({ ...this.#options, max: connections });
    // Of one that idles and is lost; whoever asks next gets another one.
    this.#pool.on('error', () => {});
  }

  /** Rejects with `StoreFailed` but for what the statement itself says, by a code of its own. */
  readonly ask: Ask = async (text, values = []) => {
    try {
      return (await this.#pool.query(text, values as unknown[])).rows as Row[];
    } catch (error) {
      throw failureOf(error);
    }
  };

  /** All that is asked in it holds, or nothing. */
  async transaction<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    let client: pg.PoolClient | undefined;
    try {
      client = await this.#pool.connect();
      const its = client;
      await its.query('begin');
      const result = await work(
        async (text, values = []) => (await its.query(text, values as unknown[])).rows as Row[],
      );
      await its.query('commit');
      its.release();
      return result;
    } catch (error) {
      // Whatever it had begun is over with its connection.
      client?.release(true);
      throw failureOf(error);
    }
  }

  /** Tells what comes on a channel; nothing when something may have been missed. */
  listen(channel: string, told: (payload: string | undefined) => void): void {
    void this.#listen(channel, told);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.allSettled([this.#listening?.end(), this.#pool.end()]);
  }

  async #listen(channel: string, told: (payload: string | undefined) => void): Promise<void> {
    if (this.#isClosed) return;
    const client = new pg.Client(this.#options);
    this.#listening = client;
    let isOver = false;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(this.#timer);
      client.end().catch(() => {});
      if (!this.#isClosed)
        this.#timer = setTimeout(() => void this.#listen(channel, told), AGAIN_MS);
    };
    const probe = (): void => {
      // A silent connection tells nobody that it is dead.
      const ask = (): unknown => client.query('select 1').then(probe, over);
      this.#timer = setTimeout(ask, this.#silenceMs / 3);
    };
    client.on('error', over);
    client.on('end', over);
    client.on('notification', ({ payload }) => told(payload));
    try {
      await client.connect();
      await client.query(`listen "${channel}"`);
      told(undefined);
      probe();
    } catch {
      // It is away; whoever asks it something says so.
      over();
    }
  }
}

/** What two changes at once can come to: one of them is tried again. */
const CONFLICTS = ['BT001', '40001', '40P01', '23505'];

/** It was not as expected. */
export class Stale extends Error {}

function failureOf(error: unknown): Error {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  if (code !== undefined && CONFLICTS.includes(code)) return new Stale(message);
  return new StoreFailed(`PostgreSQL: ${message ?? String(error)}`, { cause: error });
}
