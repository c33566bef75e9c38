/** Sequences: reading where they stand, and moving those that are behind forward. */
import { escapeLiteral } from 'pg';
import type { SequenceValue } from '../../ports/database';
import type { Session } from './session';

/**
 * So many times as many values as a session takes at once, and at most a tenth of those that are left, may be taken from a
 * sequence while another one goes on behind them.
 */
const RESERVED_STEPS = 1_000;

/** As `pg_sequences` shows them, found by their oids: by their names, thousands of them take seconds. */
const SEQUENCES = `pg_sequence q join pg_class c on c.oid = q.seqrelid join pg_namespace ns on ns.oid = c.relnamespace
    cross join lateral (select ns.nspname as schemaname, c.relname as sequencename, q.seqstart as start_value, q.seqmin as min_value,
                               q.seqmax as max_value, q.seqincrement as increment_by, q.seqcache as cache_size,
                               case when has_sequence_privilege(q.seqrelid, 'SELECT,USAGE') then pg_sequence_last_value(q.seqrelid) end as last_value) s`;

/** An extension's are its own business. */
const OURS = `ns.nspname <> 'bluegreen' and ns.nspname !~ '^pg_'
   and c.oid not in (select d.objid from pg_depend d where d.classid = 'pg_class'::regclass and d.deptype = 'e')`;

/** The server may not know yet how many there are, and would look at each for each. */
const BY_HASH = 'set local enable_nestloop = off';

/**
 * What `pg_sequences` does not tell: after `setval(…, false)` or `restart` it shows no last value, whatever was handed out
 * before. Where nothing ever was, there is nothing to hand on.
 */
const SET_AND_NOT_CALLED = `
  do $sequences$
  declare each record; held numeric; found jsonb := '[]';
  begin
    for each in select s.* from ${SEQUENCES}
                 where s.last_value is null and ${OURS} and has_schema_privilege(ns.oid, 'USAGE') and has_sequence_privilege(q.seqrelid, 'SELECT') loop
      execute format('select last_value from %I.%I', each.schemaname, each.sequencename) into held;
      if held <> each.start_value then
        found := found || jsonb_build_object('schema', each.schemaname, 'name', each.sequencename, 'last', held - each.increment_by);
      end if;
    end loop;
    perform set_config('bluegreen.sequences', found::text, false);
  end $sequences$`;

/** With the value that was handed out last, or would have been before the next one; null where none was. */
const STANDING = `${SEQUENCES}
    left join jsonb_to_recordset(current_setting('bluegreen.sequences')::jsonb) as n (schema text, name text, last numeric)
      on n.schema = s.schemaname and n.name = s.sequencename
    cross join lateral (select coalesce(s.last_value, n.last) as last) held`;

const VALUES = `
  select s.schemaname as schema, s.sequencename as name, held.last::text as "lastValue",
         (s.increment_by * least(${RESERVED_STEPS} * s.cache_size, div(case when s.increment_by > 0 then s.max_value else s.min_value end - held.last,
                                                                      s.increment_by::numeric * 10)))::text as reserve
    from ${STANDING}
   where ${OURS} and held.last is not null`;

/** Sequences no value was taken from have nothing to hand on. */
export async function readSequences(session: Session): Promise<SequenceValue[]> {
  const [, , rows] = await session.batch(BY_HASH, SET_AND_NOT_CALLED, VALUES);
  return rows as SequenceValue[];
}

/** Never backwards: a value that was handed out on either side is not handed out again. */
export async function advanceSequences(session: Session, values: readonly SequenceValue[]): Promise<void> {
  if (values.length === 0) {
    return;
  }
  const wanted = values.map(({ schema, name, lastValue }) => ({ schema, name, last: lastValue }));
  await session.batch(
    BY_HASH,
    SET_AND_NOT_CALLED,
    `select setval(c.oid::regclass, least(greatest(v.last, s.min_value), s.max_value)::bigint)
       from ${STANDING}
       join jsonb_to_recordset(${escapeLiteral(JSON.stringify(wanted))}::jsonb) as v (schema text, name text, last numeric)
         on s.schemaname = v.schema and s.sequencename = v.name
      where (v.last - coalesce(held.last, s.start_value - s.increment_by::numeric)) * sign(s.increment_by) > 0`,
  );
}
