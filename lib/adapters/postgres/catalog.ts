/** The schema of a database as a list of objects with their definitions in the server's own words. */
import type { TableName } from '../../core/declarations';
import type { Schema, SchemaObject } from '../../core/schema';
import { notOfExtension, OURS } from './application-objects';
import type { Session } from './session';
import { readTableFacts } from './table-facts';

/** One query per kind of object; each gives schema, table (or null), name and definition. */
const OBJECTS: Readonly<Record<SchemaObject['kind'], string>> = {
  schema: `select n.nspname as schema, null as "table", n.nspname as name, coalesce(n.nspacl::text, '') as definition
             from pg_namespace n where ${OURS}`,
  extension: `select n.nspname as schema, null as "table", e.extname as name, e.extversion as definition
                from pg_extension e join pg_namespace n on n.oid = e.extnamespace`,
  table: `select n.nspname as schema, null as "table", c.relname as name,
                 concat_ws(' ', case c.relkind when 'p' then 'partitioned table' when 'f' then 'foreign table' else 'table' end,
                   pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid), 'persistence', c.relpersistence,
                   'replica identity', c.relreplident, 'row security', c.relrowsecurity, c.relforcerowsecurity,
                   c.reloptions::text, pg_get_userbyid(c.relowner), c.relacl::text) as definition
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where c.relkind in ('r', 'p', 'f') and ${OURS} and ${notOfExtension('pg_class', 'c.oid')}`,
  view: `select n.nspname as schema, null as "table", c.relname as name,
                concat_ws(' ', c.relkind, pg_get_viewdef(c.oid), c.reloptions::text, c.relacl::text) as definition
           from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where c.relkind in ('v', 'm') and ${OURS} and ${notOfExtension('pg_class', 'c.oid')}`,
  column: `select n.nspname as schema, c.relname as "table", a.attname as name,
                  concat_ws(' ', format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' end,
                    'default ' || pg_get_expr(d.adbin, d.adrelid), 'identity ' || nullif(a.attidentity::text, ''),
                    'generated ' || nullif(a.attgenerated::text, ''), nullif(a.attcollation, 0)::regcollation::text, a.attacl::text) as definition
             from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
             left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
            where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'f') and ${OURS} and ${notOfExtension('pg_class', 'c.oid')}`,
  constraint: `select n.nspname as schema, c.relname as "table", k.conname as name,
                      pg_get_constraintdef(k.oid) || case when k.convalidated then '' else ' not validated' end as definition
                 from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
                where k.contype <> 'n' and ${OURS} and ${notOfExtension('pg_class', 'c.oid')}`,
  index: `select n.nspname as schema, t.relname as "table", c.relname as name,
                 pg_get_indexdef(i.indexrelid) || case when i.indisvalid then '' else ' invalid' end as definition
            from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
            join pg_namespace n on n.oid = c.relnamespace
           where t.relkind in ('r', 'p', 'm') and ${OURS} and ${notOfExtension('pg_class', 't.oid')}`,
  trigger: `select n.nspname as schema, c.relname as "table", t.tgname as name,
                   pg_get_triggerdef(t.oid) || ' enabled ' || t.tgenabled::text as definition
              from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
             where not t.tgisinternal and t.tgname not in ('bluegreen_fence', 'bluegreen_hold') and ${OURS}`,
  policy: `select n.nspname as schema, c.relname as "table", p.polname as name,
                  concat_ws(' ', p.polcmd, p.polpermissive, p.polroles::regrole[]::text, pg_get_expr(p.polqual, p.polrelid),
                    'check', pg_get_expr(p.polwithcheck, p.polrelid)) as definition
             from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace where ${OURS}`,
  sequence: `select n.nspname as schema, t.relname as "table", c.relname as name,
                    concat_ws(' ', format_type(s.seqtypid, null), 'start', s.seqstart, 'by', s.seqincrement, 'from', s.seqmin,
                      'to', s.seqmax, 'cycle', s.seqcycle, c.relacl::text) as definition
               from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
               left join pg_depend o on o.classid = 'pg_class'::regclass and o.objid = c.oid and o.deptype in ('a', 'i')
                                    and o.refclassid = 'pg_class'::regclass
               left join pg_class t on t.oid = o.refobjid
              where ${OURS}`,
  routine: `select n.nspname as schema, null as "table", p.proname as name,
                   string_agg(case when p.prokind = 'a' then 'aggregate ' || pg_get_function_identity_arguments(p.oid)
                     else pg_get_functiondef(p.oid) end || coalesce(p.proacl::text, ''), E'\\n'
                     order by pg_get_function_identity_arguments(p.oid)) as definition
              from pg_proc p join pg_namespace n on n.oid = p.pronamespace
             where ${OURS} and ${notOfExtension('pg_proc', 'p.oid')}
               -- a range type's constructors are the type's business
               and not exists (select from pg_depend i where i.classid = 'pg_proc'::regclass and i.objid = p.oid and i.deptype = 'i')
             group by 1, 3`,
  type: `select n.nspname as schema, null as "table", t.typname as name,
                concat_ws(' ', t.typtype, format_type(nullif(t.typbasetype, 0), t.typtypmod), t.typnotnull, t.typdefault,
                  (select string_agg(e.enumlabel, ',' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
                  (select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ',' order by a.attnum)
                     from pg_attribute a join pg_class c on c.oid = a.attrelid
                    where c.oid = t.typrelid and c.relkind = 'c' and a.attnum > 0 and not a.attisdropped),
                  (select string_agg(pg_get_constraintdef(k.oid), ',' order by k.conname) from pg_constraint k where k.contypid = t.oid)
                ) as definition
           from pg_type t join pg_namespace n on n.oid = t.typnamespace
          where ${OURS} and t.typtype in ('e', 'd', 'c', 'r') and ${notOfExtension('pg_type', 't.oid')}
            and (t.typtype <> 'c' or exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c'))`,
};

/** Partitions and children, with every table above them. */
const ANCESTORS = `
  with recursive up (oid, ancestor) as (
    select inhrelid, inhparent from pg_inherits
    union select up.oid, i.inhparent from up join pg_inherits i on i.inhrelid = up.ancestor)
  select n.nspname as schema, c.relname as "table", an.nspname as ancestor_schema, a.relname as ancestor_name
    from up join pg_class c on c.oid = up.oid join pg_namespace n on n.oid = c.relnamespace
    join pg_class a on a.oid = up.ancestor join pg_namespace an on an.oid = a.relnamespace
   where c.relkind in ('r', 'p', 'f')`;

interface AncestorRow {
  schema: string;
  table: string;
  ancestor_schema: string;
  ancestor_name: string;
}

interface ObjectRow {
  schema: string;
  table: string | null;
  name: string;
  definition: string;
}

/** Both sides are read with the same search path, so that the server qualifies names in the same way. */
export async function readSchema(session: Session): Promise<Schema> {
  return session.transaction(async () => {
    await session.query(`set local search_path = pg_catalog`);
    const ancestors = ancestorsByTable(await session.query<AncestorRow>(ANCESTORS));
    const objects: SchemaObject[] = [];
    for (const [kind, sql] of Object.entries(OBJECTS)) {
      for (const { schema, table, name, definition } of await session.query<ObjectRow>(sql)) {
        const above = ancestors.get(keyOf(schema, table ?? name));
        objects.push({
          kind: kind as SchemaObject['kind'],
          schema,
          ...(table !== null && { table }),
          name,
          ...(above && (table !== null || kind === 'table') && { ancestors: above }),
          definition,
        });
      }
    }
    return {
      objects,
      tables: await readTableFacts(session, (schema, table) => ancestors.get(keyOf(schema, table)) ?? []),
    };
  }, 'isolation level repeatable read read only');
}

type Ancestors = ReadonlyMap<string, readonly TableName[]>;

function keyOf(schema: string, table: string): string {
  return JSON.stringify([schema, table]);
}

function ancestorsByTable(rows: readonly AncestorRow[]): Ancestors {
  const ancestors = new Map<string, TableName[]>();
  for (const { schema, table, ancestor_schema, ancestor_name } of rows) {
    const key = keyOf(schema, table);
    ancestors.set(key, [...(ancestors.get(key) ?? []), { schema: ancestor_schema, name: ancestor_name }]);
  }
  return ancestors;
}
