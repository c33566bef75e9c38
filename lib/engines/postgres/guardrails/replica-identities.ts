/** Tables whose changed rows cannot be named to the other side: once published, their UPDATEs and DELETEs would fail. */
import { DatabaseRefused } from '../../../core/errors';
import type { Session } from '../session/session';
import { type Guardrail, PUBLISHED_TABLES, violations } from './guardrail';

/** The index that identifies rows, and what each side must be able to do with it. */
const IDENTITIES = `
  select c.oid, c.oid::regclass::text as "table", c.relreplident as identity, i.indexrelid as index, i.indkey::int2[] as key,
         (select d.indexrelid from pg_index d where d.indrelid = c.oid and d.indisprimary and not d.indimmediate) as late_key,
         (select string_agg(quote_ident(a.attname), ', ') from pg_attribute a
           where a.attrelid = c.oid and a.attgenerated <> '' and (i.indexrelid is null or a.attnum = any (i.indkey::int2[]))) as unsent,
         current_setting('server_version_num')::int as version
    from (select c.oid, c.relreplident from ${PUBLISHED_TABLES}) c
    left join pg_index i on i.indrelid = c.oid and i.indisvalid and i.indisunique and i.indimmediate
                        and case c.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident end`;

const OTHERWISE = (table: string | undefined) =>
  `ALTER TABLE ${table} REPLICA IDENTITY USING INDEX … (a unique one over NOT NULL columns) or FULL`;
const FAIL = 'UPDATE and DELETE on it would fail once it is published';

const GUARDRAILS: readonly Guardrail[] = [
  {
    sql: `select "table" from (${IDENTITIES}) t where identity = 'd' and index is null and late_key is null`,
    reason: ({ table }) => `table ${table} has no primary key, so ${FAIL}; add one, or ${OTHERWISE(table)}`,
  },
  {
    sql: `select "table" from (${IDENTITIES}) t where identity = 'd' and late_key is not null`,
    reason: ({ table }) =>
      `the primary key of table ${table} is deferrable and identifies no row, so ${FAIL}; make it NOT DEFERRABLE, or ${OTHERWISE(table)}`,
  },
  {
    sql: `select "table" from (${IDENTITIES}) t where identity = 'n'`,
    reason: ({ table }) =>
      `table ${table} has REPLICA IDENTITY NOTHING, so ${FAIL}; ALTER TABLE ${table} REPLICA IDENTITY DEFAULT if it has a primary key, else ${OTHERWISE(table)}`,
  },
  {
    sql: `select "table" from (${IDENTITIES}) t where identity = 'i' and index is null`,
    reason: ({ table }) =>
      `the index that is the replica identity of table ${table} was dropped or is invalid, so ${FAIL}; ALTER TABLE ${table} REPLICA IDENTITY DEFAULT if it has a primary key, else ${OTHERWISE(table)}`,
  },
  {
    sql: `select "table", unsent from (${IDENTITIES}) t where index is not null and unsent is not null`,
    reason: ({ table, unsent }) =>
      `table ${table} is identified by generated columns (${unsent}), which are not sent; ALTER TABLE ${table} REPLICA IDENTITY USING INDEX … without them`,
  },
  {
    sql: `select "table", unsent from (${IDENTITIES}) t where identity = 'f' and unsent is not null and version >= 180000`,
    reason: ({ table, unsent }) =>
      `table ${table} has REPLICA IDENTITY FULL and generated columns (${unsent}), so ${FAIL}; give it a primary key and REPLICA IDENTITY DEFAULT, or USING INDEX …`,
  },
];

/** Without a key, the other side finds a row by comparing all its columns. */
const COMPARED_COLUMNS = `
  select t."table", quote_ident(a.attname) as "column", format_type(a.atttypid, null) as type
    from (${IDENTITIES}) t join pg_attribute a on a.attrelid = t.oid
   where t.identity = 'f' and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     and not exists (select from pg_index p where p.indrelid = t.oid and p.indisprimary and p.indisvalid and p.indimmediate)
   order by 1, a.attnum`;

interface ComparedColumn {
  table: string;
  column: string;
  type: string;
}

/** SQLSTATE undefined_function: what the server says when it finds no equality. */
const UNDEFINED_FUNCTION = '42883';

function notComparable(columns: readonly ComparedColumn[]): string {
  const [{ table, column, type } = { table: '', column: '', type: '' }] = columns;
  const more = columns.length > 1 ? ` (and ${columns.length - 1} more)` : '';
  return `table ${table} has REPLICA IDENTITY FULL and no primary key, so that green would have to find rows by ${column}, but values of type ${type} cannot be compared${more}; add a primary key, or ALTER TABLE ${table} REPLICA IDENTITY USING INDEX …`;
}

export async function replicaIdentities(session: Session): Promise<string[]> {
  const columns = await session.query<ComparedColumn>(COMPARED_COLUMNS);
  const comparable = new Map<string, boolean>();
  for (const type of new Set(columns.map((column) => column.type))) {
    comparable.set(type, await hasEquality(session, type));
  }
  const incomparable = columns.filter(({ type }) => !comparable.get(type));
  const tables = [...new Set(incomparable.map(({ table }) => table))];
  return [
    ...(await violations(session, GUARDRAILS)),
    ...tables.map((name) => notComparable(incomparable.filter(({ table }) => table === name))),
  ];
}

/** DISTINCT asks the server for the same equality as applying a change does, down to elements and fields. */
async function hasEquality(session: Session, type: string): Promise<boolean> {
  try {
    await session.query(`select distinct null::${type}`);
    return true;
  } catch (error) {
    if (error instanceof DatabaseRefused && error.sqlState === UNDEFINED_FUNCTION) {
      return false;
    }
    throw error;
  }
}
