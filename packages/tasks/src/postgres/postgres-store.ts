/** The store in PostgreSQL, which processes and machines share. */

import type { TaskRecord } from '../state/record.ts';
import { OF_TASK } from '../stores/notes.ts';
import {
  type Change,
  type ClaimRequest,
  type Counts,
  PAGE,
  type QueueCount,
  type Store,
  StoreFailed,
  type Swept,
  type TaskFilter,
} from '../stores/store.ts';
import { claim } from './claiming.ts';
import { type Ask, Database, Stale } from './database.ts';
import { checkOptions, DEFAULTS, type PostgresOptions } from './options.ts';
import { type Row, recordOf, rowOf } from './rows.ts';
import { channelOf, creation, FORMAT, quoted } from './schema.ts';
import { sweep } from './sweeping.ts';

/** A payload of `notify` is shorter than 8,000 bytes. */
const PAYLOAD = 7000;

interface Cursor {
  readonly id: string;
  readonly at: unknown;
  readonly ord: unknown;
}

export class PostgresStore implements Store {
  readonly kind = 'postgres';
  readonly shared = true;
  readonly leaseMs: number;
  readonly #url: string;
  readonly #schema: string;
  readonly #quoted: string;
  readonly #channel: string;
  readonly #connections: number;
  readonly #silenceMs: number;
  #database: Database | undefined;
  #owner = '';
  #listener: (id: string) => void = () => {};
  /** The last ones of the pages before, which may be gone when the next page is asked for. */
  #dueCursor: Cursor | undefined;
  #listCursor: Cursor | undefined;

  constructor(url: string, options: PostgresOptions) {
    const { schema, connections, leaseMs, silenceMs } = { ...DEFAULTS, ...options };
    checkOptions(url, options);
    this.leaseMs = leaseMs;
    this.#silenceMs = silenceMs;
    this.#url = url;
    this.#schema = schema;
    this.#quoted = quoted(schema);
    this.#channel = channelOf(schema);
    this.#connections = connections;
  }

  async open(owner: string): Promise<void> {
    await this.close();
    this.#owner = owner;
    const database = new Database(this.#url, this.#connections, this.#silenceMs);
    this.#database = database;
    try {
      await this.#create(database);
    } catch (error) {
      await this.close();
      throw error;
    }
    database.listen(this.#channel, (payload) => this.#hear(payload));
  }

  async commit(changes: readonly Change[]): Promise<readonly ('done' | 'stale')[]> {
    const answers: ('done' | 'stale')[] = [];
    for (const change of changes) answers.push(await this.#commit(change));
    return answers;
  }

  claim(request: ClaimRequest): Promise<readonly TaskRecord[]> {
    const [schema, channel, owner] = [this.#quoted, this.#channel, this.#owner];
    return claim({ database: this.#its, schema, channel, owner }, request);
  }

  async renew(worker: string, ids: readonly string[], until: number): Promise<readonly string[]> {
    const rows = await this.#ask(
      `update ${this.#quoted}.tasks set lease_until = $3, moment = $3, version = version + 1
       where id = any($2) and state = 'running' and worker = $1 returning id`,
      [worker, ids, until],
    );
    return rows.map(({ id }) => id as string);
  }

  async find(id: string): Promise<TaskRecord | undefined> {
    const [row] = await this.#ask(`select * from ${this.#quoted}.tasks where id = $1`, [id]);
    return row && recordOf(row);
  }

  async findMany(ids: readonly string[]): Promise<readonly TaskRecord[]> {
    const rows = await this.#ask(`select * from ${this.#quoted}.tasks where id = any($1)`, [ids]);
    return rows.map(recordOf);
  }

  async findUnique(key: string): Promise<TaskRecord | undefined> {
    const [row] = await this.#ask(
      `select * from ${this.#quoted}.tasks where uniq = $1 order by ord desc limit 1`,
      [key],
    );
    return row && recordOf(row);
  }

  async due(now: number, after: string | undefined, limit: number): Promise<readonly TaskRecord[]> {
    const cursor = await this.#cursor(this.#dueCursor, 'moment', after);
    const rows = await this.#ask(
      `select * from ${this.#quoted}.tasks
       where moment <= $1 and (moment, ord) > ($2, $3::bigint) order by moment, ord limit $4`,
      [now, cursor?.at ?? '-Infinity', cursor?.ord ?? -1, limit],
    );
    const last = rows.at(-1);
    if (last !== undefined)
      this.#dueCursor = { id: last.id as string, at: last.moment, ord: last.ord };
    return rows.map(recordOf);
  }

  async list(filter: TaskFilter, after: string | undefined): Promise<readonly TaskRecord[]> {
    const { state, queue, name, root, limit = PAGE } = filter;
    const cursor = await this.#cursor(this.#listCursor, 'ord', after);
    const states = state === undefined ? null : typeof state === 'string' ? [state] : state;
    const rows = await this.#ask(
      `select * from ${this.#quoted}.tasks where ord > $1::bigint
       and ($2::text[] is null or state = any($2)) and ($3::text is null or queue = $3)
       and ($4::text is null or name = $4) and ($5::text is null or root = $5)
       order by ord limit $6`,
      [cursor?.ord ?? -1, states, queue ?? null, name ?? null, root ?? null, limit],
    );
    const last = rows.at(-1);
    if (last !== undefined)
      this.#listCursor = { id: last.id as string, at: last.ord, ord: last.ord };
    return rows.map(recordOf);
  }

  async outcomes(
    join: string,
    from: number,
    limit: number,
  ): Promise<readonly (string | undefined)[]> {
    const rows = await this.#ask(
      `select t.outcome from generate_series($2::integer, least($2 + $3,
         (select (members::jsonb ->> 'all')::integer from ${this.#quoted}.tasks where id = $1)) - 1) i
       left join ${this.#quoted}.tasks t on t.join_id = $1 and t.join_index = i order by i`,
      [join, from, limit],
    );
    return rows.map(({ outcome }) => (outcome as string | null) ?? undefined);
  }

  async counts(): Promise<Counts> {
    const rows = await this.#ask(
      `select queue, state, count(*)::integer as count, min(queued_at) as oldest
       from ${this.#quoted}.tasks where state in ('queued', 'running', 'scheduled', 'quarantined')
       group by queue, state`,
    );
    const queues: Record<string, QueueCount> = {};
    let scheduled = 0;
    let quarantined = 0;
    for (const row of rows as unknown as readonly Counted[]) {
      const { queue, state, count } = row;
      if (state === 'scheduled') scheduled += count;
      else if (state === 'quarantined') quarantined += count;
      else {
        const { queued, running, oldestAt } = queues[queue] ?? NOTHING;
        queues[queue] =
          state === 'queued'
            ? { queued: count, running, oldestAt: row.oldest ?? undefined }
            : { queued, running: count, oldestAt };
      }
    }
    return { queues, scheduled, quarantined };
  }

  async note(
    key: string,
  ): Promise<{ readonly value: string; readonly version: number } | undefined> {
    const [row] = await this.#ask(
      `select value, version from ${this.#quoted}.notes where key = $1`,
      [key],
    );
    return row as { value: string; version: number } | undefined;
  }

  async notes(prefix: string): Promise<readonly { key: string; value: string; version: number }[]> {
    const rows = await this.#ask(
      `select key, value, version from ${this.#quoted}.notes where starts_with(key, $1) order by key`,
      [prefix],
    );
    return rows as unknown as { key: string; value: string; version: number }[];
  }

  /** By the database's clock, on which all agree; for us it is over the earlier, by as long as the answer took. */
  async lead(name: string, owner: string, forMs: number, now: number): Promise<number | undefined> {
    const rows = await this.#ask(
      `insert into ${this.#quoted}.leads as l (name, owner, until)
       values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
       on conflict (name) do update set owner = excluded.owner, until = excluded.until
       where l.owner = excluded.owner or l.until <= clock_timestamp() returning 1`,
      [name, owner, forMs],
    );
    return rows.length === 0 ? undefined : now + forMs;
  }

  changes(listener: (id: string) => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = () => {};
    };
  }

  sweep(now: number, limit: number): Promise<Swept> {
    return sweep(this.#its.ask, this.#quoted, now, limit);
  }

  async close(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    await database?.close();
  }

  get #its(): Database {
    if (this.#database === undefined) throw new StoreFailed('PostgreSQL: the store is not open');
    return this.#database;
  }

  async #ask(text: string, values?: readonly unknown[]): Promise<readonly Row[]> {
    return (await this.#its.ask(text, values)) as readonly Row[];
  }

  async #create(database: Database): Promise<void> {
    const isThere = async (ask: Ask): Promise<boolean> =>
      (await ask(EXISTS, [this.#schema])).length > 0;
    if (!(await isThere(database.ask)))
      await database.transaction(async (ask) => {
        // Whoever starts at the same moment waits, and finds it made.
        await ask('select pg_advisory_xact_lock(hashtextextended($1, 0))', [this.#channel]);
        if (!(await isThere(ask))) await ask(creation(this.#schema));
      });
    const [row] = await database.ask(`select version from ${this.#quoted}.format`);
    if (row?.['version'] !== FORMAT)
      throw new Error(
        `Cannot keep tasks in the schema "${this.#schema}": its tables are of version ${String(row?.['version'])}, and this one knows ${FORMAT}`,
      );
  }

  async #commit(change: Change): Promise<'done' | 'stale'> {
    const { put, insert, remove, notes = [] } = change;
    const values = [
      JSON.stringify(put.map((record) => rowOf(record, record.version + 1))),
      JSON.stringify(insert.map((record) => rowOf(record, record.version + 1))),
      remove,
      JSON.stringify(
        notes.map(({ key, value = null, version }) => ({ key, value, version, task: taskOf(key) })),
      ),
    ];
    const ids = [...put, ...insert].map(({ id }) => id).concat(remove);
    const told = payloads(this.#owner, ids);
    try {
      await this.#ask(
        `select ${this.#quoted}.change($1, $2, $3, $4), (select count(pg_notify($5, payload)) from unnest($6::text[]) payload)`,
        [...values, this.#channel, told],
      );
    } catch (error) {
      if (error instanceof Stale) return 'stale';
      throw error;
    }
    for (const record of [...put, ...insert]) (record as { version: number }).version++;
    return 'done';
  }

  #hear(payload: string | undefined): void {
    // What was said meanwhile is lost; whoever listens looks for himself.
    if (payload === undefined) return this.#listener('');
    const [owner, ...ids] = payload.split('\n');
    if (owner !== this.#owner) for (const id of ids) this.#listener(id);
  }

  /** Where a page begins: behind the last one of the page before, also if that is gone. */
  async #cursor(
    known: Cursor | undefined,
    at: 'moment' | 'ord',
    after: string | undefined,
  ): Promise<Cursor | undefined> {
    if (after === undefined || known?.id === after) return after === undefined ? undefined : known;
    const [row] = await this.#ask(
      `select id, ${at} as at, ord from ${this.#quoted}.tasks where id = $1`,
      [after],
    );
    return row as unknown as Cursor | undefined;
  }
}

/** Looked up in the catalogue itself: what a session remembers of it may be older than its lock. */
const EXISTS = `
select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = 'format'`;

interface Counted {
  readonly queue: string;
  readonly state: string;
  readonly count: number;
  readonly oldest: number | null;
}

const NOTHING: QueueCount = { queued: 0, running: 0, oldestAt: undefined };

function taskOf(key: string): string | null {
  const end = key.indexOf(OF_TASK);
  return end === -1 ? null : key.slice(0, end);
}

/** Ids that have changed, as many as one notification takes. */
function payloads(owner: string, ids: readonly string[]): string[] {
  const texts: string[] = [];
  let text = owner;
  for (const id of ids) {
    if (text.length + id.length > PAYLOAD / 3 && text !== owner) {
      texts.push(text);
      text = owner;
    }
    text += `\n${id}`;
  }
  if (text !== owner) texts.push(text);
  return texts;
}
