/** Sequences: reading where they stand, and moving those that are behind forward. */
import type { SequenceValue } from '../../ports/database';
import type { Session } from './session';

/** So many values, at most a tenth of those that are left, may be taken from a sequence while another one goes on behind them. */
const RESERVED_STEPS = 1_000;

/**
 * What `pg_sequences` does not tell: after `setval(…, false)` or `restart` it shows no last value, whatever was handed out
 * before. Where nothing ever was, there is nothing to hand on.
 */
const SET_AND_NOT_CALLED = `
  do $sequences$
  declare s record; held bigint; found jsonb := '[]';
  begin
    for s in select * from pg_sequences where last_value is null and schemaname <> 'bluegreen' and schemaname !~ '^pg_' loop
      execute format('select last_value from %I.%I', s.schemaname, s.sequencename) into held;
      if held <> s.start_value then
        found := found || jsonb_build_object('schema', s.schemaname, 'name', s.sequencename, 'last', held - s.increment_by);
      end if;
    end loop;
    perform set_config('bluegreen.sequences', found::text, false);
  end $sequences$`;

const SEQUENCES = `
  select s.schemaname as schema, s.sequencename as name, v.last::text as "lastValue",
         (case when s.cycle then 0
               else s.increment_by * least(${RESERVED_STEPS}, div((case when s.increment_by > 0 then s.max_value else s.min_value end)::numeric - v.last,
                                                                  s.increment_by::numeric * 10)) end)::text as reserve
    from pg_sequences s
    left join jsonb_to_recordset(current_setting('bluegreen.sequences')::jsonb) as n (schema text, name text, last bigint)
      on n.schema = s.schemaname and n.name = s.sequencename
    cross join lateral (select coalesce(s.last_value, n.last) as last) v
   where s.schemaname <> 'bluegreen' and s.schemaname !~ '^pg_' and v.last is not null`;

/** Sequences no value was taken from have nothing to hand on. */
export async function readSequences(session: Session): Promise<SequenceValue[]> {
  const [, rows] = await session.batch(SET_AND_NOT_CALLED, SEQUENCES);
  return rows as SequenceValue[];
}

/** Never backwards: a value that was handed out on either side is not handed out again. */
export async function advanceSequences(session: Session, values: readonly SequenceValue[]): Promise<void> {
  if (values.length === 0) {
    return;
  }
  await session.query(
    `select setval(format('%I.%I', v.schema, v.name)::regclass, v.last)
       from jsonb_to_recordset($1::jsonb) as v (schema text, name text, last bigint)
       join pg_sequences s on s.schemaname = v.schema and s.sequencename = v.name
      where case when s.increment_by > 0 then v.last > coalesce(s.last_value, s.min_value - 1)
                 else v.last < coalesce(s.last_value, s.max_value + 1) end
         or s.last_value is null`,
    [JSON.stringify(values.map(({ schema, name, lastValue }) => ({ schema, name, last: lastValue })))],
  );
}
