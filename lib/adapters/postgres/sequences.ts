/** Sequences: reading where they stand, and moving those that are behind forward. */
import type { SequenceValue } from '../../ports/database';
import type { Session } from './session';

interface SequenceRow {
  schema: string;
  name: string;
  last: string | null;
}

const SEQUENCES = `
  select schemaname as schema, sequencename as name, last_value::text as last from pg_sequences
   where schemaname not in ('bluegreen') and schemaname !~ '^pg_'`;

/** Sequences no value was taken from have nothing to hand on. */
export async function readSequences(session: Session): Promise<SequenceValue[]> {
  const rows = await session.query<SequenceRow>(SEQUENCES);
  return rows.flatMap(({ schema, name, last }) => (last === null ? [] : [{ schema, name, lastValue: last }]));
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
