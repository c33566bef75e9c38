/** The tables a publication covers, and what they looked like when it was made: DDL is not replicated, so it must be noticed. */
import { APPLICATION_RELATION, makeTable } from '../run-record/own-schema';
import type { Session } from '../session/session';

/** Tables that hold rows of their own; unlogged ones cannot be published, but are noticed. */
const TABLES = `
  select c.oid, n.nspname as schema, c.relname as name, c.relpersistence = 'p' as logged from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind = 'r' and c.relpersistence <> 't'
     and ${APPLICATION_RELATION}
     and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`;

/** What has to stay as it is for rows to be applied on the other side, and for every row to have been sent there. */
const SHAPES = `
  select t.schema, t.name,
         md5(concat_ws(' ', t.oid, t.logged, (select relreplident from pg_class where oid = t.oid),
           (select string_agg(concat_ws(' ', a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attgenerated, a.attcollation), ',' order by a.attnum)
              from pg_attribute a where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped))) as shape
    from (${TABLES}) t`;

export interface PublishedTable {
  readonly schema: string;
  readonly name: string;
  /** The columns to publish; all when absent. */
  readonly columns?: readonly string[];
}

/** Keeps the shapes of all tables of now, and gives those that can be published. */
export async function rememberTables(session: Session): Promise<PublishedTable[]> {
  await makeTable(session, 'published', 'schema text, name text, shape text, primary key (schema, name)');
  await session.query('delete from bluegreen.published');
  await session.query(`insert into bluegreen.published (schema, name, shape) ${SHAPES}`);
  return session.query<PublishedTable>(`select schema, name from (${TABLES}) t where logged`);
}

const DRIFT = `
  select concat_ws('.', coalesce(p.schema, s.schema), coalesce(p.name, s.name)) ||
         case when p.name is null then ' was created' when s.name is null then ' was dropped or renamed' else ' was altered' end as what
    from bluegreen.published p full join (${SHAPES}) s on s.schema = p.schema and s.name = p.name
   where p.shape is distinct from s.shape
   union all select 'large objects were created' where exists (select from pg_largeobject_metadata)
   order by what limit 20`;

/** What was changed since the tables were remembered and is not replicated: tables, and large objects, of which there were none; in words. */
export async function drift(session: Session): Promise<string[]> {
  return (await session.planned<{ what: string }>(DRIFT)).map(({ what }) => what);
}
