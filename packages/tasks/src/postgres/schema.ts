/** What the store has in the database: three tables, and one function that makes a change whole or not at all. */

import { FINAL } from '../terms/task-state.ts';
import { COLUMN_NAMES, COLUMNS } from './rows.ts';

/** Tables of another version are not touched. */
export const FORMAT = 1;

/** As it stands in statements. @throws TypeError for what is no plain name. */
export function quoted(schema: string): string {
  if (typeof schema !== 'string' || !/^[a-z_][a-z0-9_]{0,50}$/.test(schema))
    throw new TypeError(
      `Cannot keep tasks in the schema ${String(schema)}: its name is of small letters, digits and _`,
    );
  return `"${schema}"`;
}

/** The states that are final, as a list in SQL. */
export const FINALS = FINAL.map((state) => `'${state}'`).join(', ');

/** Told to those who listen: who has changed what. */
export function channelOf(schema: string): string {
  return `${schema}.tasks`;
}

export function creation(schema: string): string {
  const s = quoted(schema);
  const columns = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`);
  const changing = COLUMN_NAMES.filter((name) => name !== 'id');
  return `
create schema if not exists ${s};
create table ${s}.format (version integer not null);
insert into ${s}.format values (${FORMAT});
create table ${s}.tasks (${columns.join(', ')}, ord bigint generated always as identity);
create index tasks_queued on ${s}.tasks (queue, priority desc, queued_at, ord) where state = 'queued';
create index tasks_moment on ${s}.tasks (moment, ord) where moment is not null;
create index tasks_forget on ${s}.tasks (forget_at, ord) where forget_at is not null;
create index tasks_order on ${s}.tasks (ord);
create index tasks_state on ${s}.tasks (state, ord);
create index tasks_root on ${s}.tasks (root, ord);
create index tasks_join on ${s}.tasks (join_id, join_index) where join_id is not null;
create index tasks_unique on ${s}.tasks (uniq, ord) where uniq is not null;
create table ${s}.notes (key text primary key, value text not null, version integer not null, task text);
create index notes_task on ${s}.notes (task) where task is not null;
create table ${s}.leads (name text primary key, owner text not null, until timestamptz not null);

create function ${s}.change(puts jsonb, inserts jsonb, removes text[], changed_notes jsonb)
returns void language plpgsql as $body$
declare
  n integer;
begin
  -- Two submissions of one unique key come one after the other, whoever submits them.
  perform pg_advisory_xact_lock(hashtextextended(k.uniq, 0))
    from (select distinct i.uniq from jsonb_populate_recordset(null::${s}.tasks, inserts) i
          where i.uniq is not null order by 1) k;
  if exists (
    select 1 from jsonb_populate_recordset(null::${s}.tasks, inserts) i
    join ${s}.tasks t on t.uniq = i.uniq where t.state not in (${FINALS})
  ) then raise exception 'stale' using errcode = 'BT001'; end if;

  -- In one order, so that two changes never wait for each other.
  perform 1 from ${s}.tasks t where t.id in (
    select p.id from jsonb_populate_recordset(null::${s}.tasks, puts) p union all select unnest(removes)
  ) order by t.id for update;

  update ${s}.tasks t set ${changing.map((name) => `${name} = p.${name}`).join(', ')}
    from jsonb_populate_recordset(null::${s}.tasks, puts) p
    where t.id = p.id and t.version = p.version - 1;
  get diagnostics n = row_count;
  if n <> jsonb_array_length(puts) then raise exception 'stale' using errcode = 'BT001'; end if;

  insert into ${s}.tasks (${COLUMN_NAMES.join(', ')})
    select ${COLUMN_NAMES.map((name) => `i.${name}`).join(', ')}
    from rows from (jsonb_populate_recordset(null::${s}.tasks, inserts)) with ordinality i
    order by i.ordinality
    on conflict (id) do nothing;
  get diagnostics n = row_count;
  if n <> jsonb_array_length(inserts) then raise exception 'stale' using errcode = 'BT001'; end if;

  delete from ${s}.tasks where id = any(removes);
  get diagnostics n = row_count;
  if n <> coalesce(array_length(removes, 1), 0) then raise exception 'stale' using errcode = 'BT001'; end if;
  delete from ${s}.notes where task = any(removes);

  with wanted as (
    select * from jsonb_to_recordset(changed_notes) as c(key text, value text, version integer, task text)
  ), made as (
    insert into ${s}.notes (key, value, version, task)
      select key, value, 1, task from wanted where version = 0 and value is not null
      on conflict (key) do nothing returning 1
  ), kept as (
    update ${s}.notes x set value = c.value, version = c.version + 1
      from wanted c where x.key = c.key and x.version = c.version and c.value is not null returning 1
  ), dropped as (
    delete from ${s}.notes x using wanted c
      where x.key = c.key and x.version = c.version and c.value is null returning 1
  )
  select (select count(*) from made) + (select count(*) from kept) + (select count(*) from dropped)
    + (select count(*) from wanted w where version = 0 and value is null
        and not exists (select 1 from ${s}.notes x where x.key = w.key))
    into n;
  if n <> jsonb_array_length(changed_notes) then raise exception 'stale' using errcode = 'BT001'; end if;
end
$body$;
`;
}
