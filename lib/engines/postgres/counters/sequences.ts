/** Sequences: reading where they stand, and moving those that are behind forward. */
import { escapeIdentifier, escapeLiteral } from 'pg';
import { APPLICATION_SCHEMA } from '../run-record/own-schema';
import type { Session } from '../session/session';
import type { ColumnExtreme } from './feeding';
import type { SequenceTarget, SequenceValue } from './sequence-value';

/**
 * So many times as many values as a session takes at once, and at most a tenth of those that are left, may be taken from a
 * sequence while another one goes on behind them.
 */
const RESERVED_STEPS = 1_000;

/** So many may be taken without a transaction that writes, so that a smaller reserve is none: SEQ_LOG_VALS in the server's sequence.c. */
const UNTRACED_STEPS = 32;

/** One that nobody called has no last value, and for us neither has one that is not ours to read. */
export const LAST_VALUE = `case when has_sequence_privilege(seqrelid, 'SELECT,USAGE') then pg_sequence_last_value(seqrelid) end`;

/** As `pg_sequences` shows them, found by their oids: by their names, thousands of them take seconds. */
const ABOUT_Q = `join pg_class c on c.oid = q.seqrelid join pg_namespace n on n.oid = c.relnamespace
    cross join lateral (select q.seqstart as start_value, q.seqmin as min_value, q.seqmax as max_value, q.seqincrement as increment_by,
                               q.seqcache as cache_size, ${LAST_VALUE} as last_value) s`;
const SEQUENCES = `pg_sequence q ${ABOUT_Q}`;

/** An extension's are its own business. */
const OURS = `${APPLICATION_SCHEMA}
   and c.oid not in (select d.objid from pg_depend d where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e')`;

/** Those that are not ours, whose values leave no trace in the server's log, or that nobody called. */
export const PECULIAR = `
  select * from (select c.oid::text, ${OURS} as ours, c.relpersistence = 'u' as unlogged, s.last_value is null as uncalled from ${SEQUENCES}) each
   where not ours or unlogged or uncalled`;

/**
 * What `pg_sequences` does not tell: after `setval(…, false)` or `restart` it shows no last value, whatever was handed out
 * before. Where nothing ever was, there is nothing to hand on.
 */
const SET_AND_NOT_CALLED = `
  do $sequences$
  declare each record; held numeric; found jsonb := '{}';
  begin
    for each in select c.oid, n.nspname, c.relname, s.start_value, s.increment_by from ${SEQUENCES}
                 where s.last_value is null and ${OURS} and has_schema_privilege(n.oid, 'USAGE') and has_sequence_privilege(q.seqrelid, 'SELECT') loop
      execute format('select last_value from %I.%I', each.nspname, each.relname) into held;
      if held <> each.start_value then
        found := found || jsonb_build_object(each.oid, held - each.increment_by);
      end if;
    end loop;
    perform set_config('bluegreen.sequences', found::text, false);
  end $sequences$`;

/** The value that was handed out last, or would have been before the next one; null where none was, or where it was not asked for. */
const HELD = `cross join lateral (select coalesce(s.last_value,
    case when $1 then (current_setting('bluegreen.sequences')::jsonb ->> c.oid::text)::numeric end) as last) held`;

const SPARE = `cross join lateral (select least(${RESERVED_STEPS} * s.cache_size, div(case when s.increment_by > 0 then s.max_value else s.min_value end - held.last,
                                                                          s.increment_by::numeric * 10)) as steps) spare`;

const STANDING = `c.oid::text, n.nspname as schema, c.relname as name, s.last_value is not null as called, held.last::text as "lastValue",
         (s.increment_by * case when spare.steps < ${UNTRACED_STEPS} then 0 else spare.steps end)::text as reserve`;

const ALL = `select ${STANDING} from ${SEQUENCES} ${HELD} ${SPARE} where ${OURS}`;

/** Of those that were read before, and so are ours. */
const AMONG = `select ${STANDING} from ${SEQUENCES} ${HELD} ${SPARE} where q.seqrelid = any ($2::oid[])`;

/** Nothing else is looked up of those that stand where they did. */
const MOVED = `
  with moved as materialized (
    select now.oid from (select seqrelid as oid, ${LAST_VALUE} as last from pg_sequence offset 0) now
      left join unnest($2::oid[], $3::numeric[]) as before (oid, last) on before.oid = now.oid
     where now.last is null or now.last is distinct from before.last)
  select ${STANDING} from moved m join pg_sequence q on q.seqrelid = m.oid ${ABOUT_Q} ${HELD} ${SPARE} where ${OURS}`;

interface StandingRow extends Omit<SequenceValue, 'lastValue'> {
  readonly lastValue: string | null;
  readonly called: boolean;
}

/** Which are of interest; one or the other, and all where neither is given. */
interface SoughtSequences {
  /** Where those stood that are of none while they still do. */
  readonly movedSince?: readonly SequenceValue[];
  /** By their oids. */
  readonly among?: readonly string[] | undefined;
}

export async function readSequences(
  session: Session,
  { movedSince, among }: SoughtSequences = {},
): Promise<SequenceValue[]> {
  const sql = movedSince ? MOVED : among ? AMONG : ALL;
  const known = movedSince
    ? [movedSince.map(({ oid }) => oid), movedSince.map(({ lastValue }) => lastValue)]
    : among
      ? [among]
      : [];
  const read = (isTold: boolean) => session.planned<StandingRow>(sql, [isTold, ...known]);
  let rows = await read(false);
  if (rows.some(({ called }) => !called)) {
    await session.query(SET_AND_NOT_CALLED);
    rows = await read(true);
  }
  // those no value was taken from have nothing to hand on
  return rows.flatMap(({ called: _, lastValue, ...row }) => (lastValue === null ? [] : [{ ...row, lastValue }]));
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
  const sql = advancing(extremes);
  const wanted = JSON.stringify(
    targets.map(({ schema, name, lastValue, copy }) => ({ schema, name, last: lastValue, copy })),
  );
  const [first] = await session.planned<{ untold: boolean }>(sql, [false, wanted]);
  if (first?.untold) {
    await session.query(SET_AND_NOT_CALLED);
    await session.planned(sql, [true, wanted]);
  }
}

/** Moves those that are known to be behind; `untold` when there are others. */
const advancing = (extremes: readonly ColumnExtreme[]) => `
  select coalesce(bool_or(not told), false) as untold,
         count(case when told and (wanted - held) * increment_by > 0 then setval(oid::regclass, least(greatest(wanted, min_value), max_value)::bigint) end)
    from (select c.oid, s.min_value, s.max_value, s.increment_by, s.last_value is not null or $1 as told, ${NONE_TAKEN} as held,
                 max(${ON_ITS_STEPS} * ${DIRECTION}) * ${DIRECTION} as wanted
            from (select * from jsonb_to_recordset($2::jsonb) as w (schema text, name text, last numeric, copy boolean)
                  ${extremes.map(extreme).join('')}) v
            join (select c.oid, c.relname, n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'S') t
              on t.nspname = v.schema and t.relname = v.name
            join pg_sequence q on q.seqrelid = t.oid ${ABOUT_Q} ${HELD}
           where ${OURS}
           group by c.oid, s.min_value, s.max_value, s.start_value, s.increment_by, s.last_value, held.last) moved`;

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
