/** Reads the columns and keys of every table that holds rows of its own. */
import type { TableName } from '../../../core/declarations';
import type { ColumnFacts, TableFacts } from '../../../core/schema';
import { tableKey } from '../../../core/schema';
import type { Session } from '../session/session';
import { notOfExtension, OURS } from './catalog-words';

/** Generated columns follow from the others. */
const COLUMNS = `
  select n.nspname as schema, c.relname as "table", a.attname as name, format_type(a.atttypid, a.atttypmod) as modified,
         nullif(a.attcollation, 0)::regcollation::text as collation,
         format_type(case t.typtype when 'd' then (
           with recursive below (oid, typtype) as (
             select t.typbasetype, (select typtype from pg_type where oid = t.typbasetype)
             union all select b.typbasetype, (select typtype from pg_type where oid = b.typbasetype)
                         from below join pg_type b on b.oid = below.oid where below.typtype = 'd')
           select oid from below where typtype <> 'd') else t.oid end, -1) as type
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    left join pg_type t on t.oid = a.atttypid
   where c.relkind = 'r' and c.relpersistence = 'p' and ${OURS} and ${notOfExtension('pg_class', 'c.oid')}
   order by n.nspname, c.relname, a.attnum`;

/** The primary key, or else the unique index over the fewest columns none of which may be null. */
const KEYS = `
  select distinct on (c.oid) n.nspname as schema, c.relname as "table",
         (select jsonb_agg(a.attname order by k.position)
            from unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) with ordinality k (attnum, position)
            join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum) as columns
    from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
   where i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null and i.indexprs is null and ${OURS}
     and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1])
                      and not a.attnotnull)
   order by c.oid, i.indisprimary desc, i.indnkeyatts, i.indexrelid`;

interface ColumnRow {
  schema: string;
  table: string;
  name: string | null;
  type: string;
  modified: string;
  collation: string | null;
}

interface KeyRow {
  schema: string;
  table: string;
  columns: string[];
}

/** The search path must be the same on both sides, so that the server qualifies names in the same way. */
export async function readTableFacts(
  session: Session,
  ancestorsOf: (schema: string, table: string) => readonly TableName[],
): Promise<TableFacts[]> {
  const keys = new Map(
    (await session.query<KeyRow>(KEYS)).map(({ schema, table, columns }) => [
      tableKey({ schema, name: table }),
      columns,
    ]),
  );
  const tables = new Map<string, TableFacts & { columns: ColumnFacts[] }>();
  for (const { schema, table, name, type, modified, collation } of await session.query<ColumnRow>(COLUMNS)) {
    const at = tableKey({ schema, name: table });
    const facts = tables.get(at) ?? {
      schema,
      name: table,
      columns: [],
      key: keys.get(at) ?? [],
      ancestors: ancestorsOf(schema, table),
    };
    tables.set(at, facts);
    if (name !== null) {
      facts.columns.push({ name, type, modified, ...(collation !== null && { collation }) });
    }
  }
  return [...tables.values()];
}
