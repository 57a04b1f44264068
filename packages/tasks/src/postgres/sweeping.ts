/** How what has outlived its time is forgotten: page by page, so that nothing that has to be kept hides what is behind it. */

import { PAGE, type Swept } from '../stores/store.ts';
import type { Ask } from './database.ts';
import { FINALS } from './schema.ts';

export async function sweep(ask: Ask, schema: string, now: number, limit: number): Promise<Swept> {
  let dropped = 0;
  let [at, ord]: readonly [unknown, unknown] = ['-Infinity', -1];
  while (dropped < limit) {
    const [row] = await ask(sweeping(schema), [now, at, ord, PAGE]);
    const page = row as unknown as SweptPage;
    dropped += page.dropped;
    if (page.seen < PAGE) break;
    [at, ord] = [page.at, page.ord];
  }
  const [next] = await ask(
    `select forget_at from ${schema}.tasks where forget_at is not null order by forget_at, ord limit 1`,
  );
  return { dropped, nextAt: (next?.['forget_at'] as number | undefined) ?? undefined };
}

/** What one page of those who have outlived their time came to. */
interface SweptPage {
  readonly dropped: number;
  readonly seen: number;
  readonly at: unknown;
  readonly ord: unknown;
}

/** Drops those of one page whose joins do not go on, with their members; and says where the next page begins. */
function sweeping(schema: string): string {
  return `
with recursive page as materialized (
  select id, join_id, forget_at, ord from ${schema}.tasks
  where forget_at <= $1 and (forget_at, ord) > ($2, $3::bigint) order by forget_at, ord limit $4
), up as (
  select p.id as of, j.state, j.join_id from page p join ${schema}.tasks j on j.id = p.join_id
  union all
  select up.of, j.state, j.join_id from up join ${schema}.tasks j on j.id = up.join_id
  where up.state = 'succeeded'
), down as (
  select id from page where id not in (select of from up where state <> 'succeeded')
  union
  select t.id from down d join ${schema}.tasks t on t.join_id = d.id where t.state in (${FINALS})
), gone as (
  delete from ${schema}.tasks where id in (select id from down) returning id
), notes as (
  delete from ${schema}.notes where task in (select id from gone)
)
select (select count(*) from gone)::integer as dropped, (select count(*) from page)::integer as seen,
  last.forget_at as at, last.ord from (select 1) one
left join lateral (select forget_at, ord from page order by forget_at desc, ord desc limit 1) last on true`;
}
