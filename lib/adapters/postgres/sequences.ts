/** Sequences: reading where they stand, and moving those that are behind forward. */
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { ColumnExtreme } from '../../core/feeds';
import type { SequenceTarget, SequenceValue } from '../../ports/database';
import { APPLICATION_SCHEMA } from './own-schema';
import type { Session } from './session';

/**
 * So many times as many values as a session takes at once, and at most a tenth of those that are left, may be taken from a
 * sequence while another one goes on behind them.
 */
const RESERVED_STEPS = 1_000;

/** As `pg_sequences` shows them, found by their oids: by their names, thousands of them take seconds. */
const SEQUENCES = `pg_sequence q join pg_class c on c.oid = q.seqrelid join pg_namespace n on n.oid = c.relnamespace
    cross join lateral (select n.nspname as schemaname, c.relname as sequencename, q.seqstart as start_value, q.seqmin as min_value,
                               q.seqmax as max_value, q.seqincrement as increment_by, q.seqcache as cache_size,
                               case when has_sequence_privilege(q.seqrelid, 'SELECT,USAGE') then pg_sequence_last_value(q.seqrelid) end as last_value) s`;

/** An extension's are its own business. */
const OURS = `${APPLICATION_SCHEMA}
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
                 where s.last_value is null and ${OURS} and has_schema_privilege(n.oid, 'USAGE') and has_sequence_privilege(q.seqrelid, 'SELECT') loop
      execute format('select last_value from %I.%I', each.schemaname, each.sequencename) into held;
      if held <> each.start_value then
        found := found || jsonb_build_object('schema', each.schemaname, 'name', each.sequencename, 'last', held - each.increment_by);
      end if;
    end loop;
    perform set_config('bluegreen.sequences', found::text, false);
  end $sequences$`;

/** With the value that was handed out last, or would have been before the next one; null where none was. */
const STANDING = `${SEQUENCES}
    left join jsonb_to_recordset(current_setting('bluegreen.sequences')::jsonb) as told (schema text, name text, last numeric)
      on told.schema = s.schemaname and told.name = s.sequencename
    cross join lateral (select coalesce(s.last_value, told.last) as last) held`;

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
export async function advanceSequences(
  session: Session,
  targets: readonly SequenceTarget[],
  extremes: readonly ColumnExtreme[],
): Promise<void> {
  if (targets.length + extremes.length === 0) {
    return;
  }
  const wanted = targets.map(({ schema, name, lastValue, copy }) => ({ schema, name, last: lastValue, copy }));
  await session.batch(
    BY_HASH,
    SET_AND_NOT_CALLED,
    `select setval(oid::regclass, least(greatest(wanted, min_value), max_value)::bigint)
       from (select c.oid, s.min_value, s.max_value, s.increment_by, ${NONE_TAKEN} as held,
                    max(${ON_ITS_STEPS} * ${DIRECTION}) * ${DIRECTION} as wanted
               from ${STANDING}
               join (select * from jsonb_to_recordset(${escapeLiteral(JSON.stringify(wanted))}::jsonb) as w (schema text, name text, last numeric, copy boolean)
                     ${extremes.map(extreme).join('')}) v on s.schemaname = v.schema and s.sequencename = v.name
              group by c.oid, s.min_value, s.max_value, s.start_value, s.increment_by, held.last) moved
      where (wanted - held) * increment_by > 0`,
  );
}

const NONE_TAKEN = 'coalesce(held.last, s.start_value - s.increment_by::numeric)';

const STEP = 's.increment_by::numeric';
const DIRECTION = `sign(${STEP})`;

/** What stands in for another sequence, or for none, keeps to the steps it would take by itself. */
const ON_ITS_STEPS = `case when v.copy then v.last else ${NONE_TAKEN} + ${STEP} * div(v.last - ${NONE_TAKEN} + ${STEP} - ${DIRECTION}, ${STEP}) end`;

function extreme({ schema, table, column, ascending, sequence }: ColumnExtreme): string {
  return `
    union all select ${escapeLiteral(sequence.schema)}, ${escapeLiteral(sequence.name)},
      ${ascending ? 'ceil' : 'floor'}((select ${ascending ? 'max' : 'min'}(${escapeIdentifier(column)}) from ${escapeIdentifier(schema)}.${escapeIdentifier(table)})::numeric), false`;
}
