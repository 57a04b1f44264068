/** How tasks are taken from their queues: locked by whoever looks at them, and passed over by the others. */

import type { TaskRecord } from '../state/record.ts';
import type { ClaimRequest } from '../stores/store.ts';
import type { Ask, Database } from './database.ts';
import { type Row, recordOf } from './rows.ts';

/** The first statements of a claim, for a schema. */
export interface Claiming {
  readonly database: Database;
  /** As it stands in statements. */
  readonly schema: string;
  readonly channel: string;
  readonly owner: string;
}

const CLAIMED = `state = 'running', run = t.run + 1, version = t.version + 1, started_at = $1,
    worker = $2, lease_until = $3, moment = $3`;

/**
 * The first so many of each queue in its order, but for keys that are known to be held. Of these, those without
 * a key are claimed at once; whether the others may be is for the limits to say.
 */
function first({ schema }: Claiming): string {
  return `
with next as materialized (
  select c.id, c.key, q.pos, c.priority, c.queued_at, c.ord
  from unnest($4::text[]) with ordinality q(queue, pos)
  cross join lateral (
    select id, key, priority, queued_at, ord from ${schema}.tasks
    where state = 'queued' and queue = q.queue and ($5::text[] is null or name = any($5))
      and (run > 0 or expires_at is null or expires_at > $1)
      and (key is null or key <> all($6))
    order by priority desc, queued_at, ord limit $7 for update skip locked
  ) c
  order by q.pos, c.priority desc, c.queued_at, c.ord limit $7
), claimed as (
  update ${schema}.tasks t set ${CLAIMED} from next where t.id = next.id and next.key is null returning t.*
), told as (
  select pg_notify($8, $9 || string_agg(E'\\n' || id, '')) from claimed
)
select claimed.*, true as is_claimed, next.pos from claimed join next on next.id = claimed.id, told
union all
select t.*, false, next.pos from ${schema}.tasks t join next on next.id = t.id
where next.key is not null`;
}

export async function claim(
  claiming: Claiming,
  request: ClaimRequest,
): Promise<readonly TaskRecord[]> {
  const { database, channel, owner } = claiming;
  const { worker, queues, limit, leaseMs, now, names, held } = request;
  const claimed: Row[] = [];
  const take = (row: Row): void => {
    held.take(recordOf(row));
    claimed.push(row);
  };
  const excluded = new Set(held.keys);
  while (claimed.length < limit) {
    const room = limit - claimed.length;
    const rows = (await database.ask(first(claiming), [
      now,
      worker,
      now + leaseMs,
      queues,
      names === 'all' ? null : [...names],
      [...excluded],
      room,
      channel,
      owner,
    ])) as readonly (Row & { readonly is_claimed: boolean })[];
    for (const row of rows) if (row.is_claimed) take(row);
    const keyed = rows.filter(({ is_claimed }) => !is_claimed).sort(inOrder);
    if (keyed.length > 0)
      for (const row of await claimKeyed(claiming, request, keyed)) claimed.push(row);
    // Whether others of these keys are behind them does not matter now.
    const before = excluded.size;
    for (const { key } of keyed) if (held.has(key as string)) excluded.add(key as string);
    const isAll = rows.length < room;
    if (isAll || (keyed.length > 0 && excluded.size === before && claimed.length === 0)) break;
  }
  return claimed.sort(inOrder).map(recordOf);
}

/** One after the other, since each may hold the key of the next. */
async function claimKeyed(
  { database, schema, channel, owner }: Claiming,
  { worker, leaseMs, now, held }: ClaimRequest,
  candidates: readonly Row[],
): Promise<readonly Row[]> {
  if (candidates.every(({ key }) => held.has(key as string))) return [];
  return await database.transaction(async (ask: Ask) => {
    const ids = candidates.map(({ id }) => id);
    const locked = await ask(
      `select id from ${schema}.tasks where id = any($1) and state = 'queued' for update skip locked`,
      [ids],
    );
    const mine = new Set(locked.map(({ id }) => id));
    const taken: Row[] = [];
    for (const row of candidates) {
      if (!mine.has(row.id) || held.has(row.key as string)) continue;
      held.take(recordOf(row));
      taken.push(row);
    }
    if (taken.length === 0) return [];
    const its = taken.map(({ id }) => id);
    const rows = (await ask(
      `update ${schema}.tasks t set ${CLAIMED} where id = any($4) returning t.*`,
      [now, worker, now + leaseMs, its],
    )) as readonly Row[];
    await ask('select pg_notify($1, $2)', [channel, [owner, ...its].join('\n')]);
    const pos = new Map(taken.map((row) => [row.id, (row as Placed).pos]));
    return rows.map((row) => ({ ...row, pos: pos.get(row.id) }));
  });
}

type Placed = Row & { readonly pos?: unknown };

function inOrder(a: Placed, b: Placed): number {
  return (
    Number(a.pos) - Number(b.pos) ||
    (b.priority as number) - (a.priority as number) ||
    (a.queued_at as number) - (b.queued_at as number) ||
    Number(a.ord) - Number(b.ord)
  );
}
