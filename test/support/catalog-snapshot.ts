/** Everything a run could leave in a database, as text lines to compare; not the queries of the code under test. */
import type { TestDatabase } from './postgres-fixture';

const LINES = `
  select 'schema ' || nspname || coalesce(nspacl::text, '') from pg_namespace where nspname !~ '^pg_(toast_)?temp'
  union all select 'relation ' || oid::regclass || ' ' || relkind::text || coalesce(relacl::text, '') || coalesce(reloptions::text, '')
    from pg_class where relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
  union all select 'column ' || attrelid::regclass || ' ' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull
    from pg_attribute a join pg_class c on c.oid = a.attrelid
   where attnum > 0 and not attisdropped and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
  union all select 'trigger ' || tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text from pg_trigger where not tgisinternal
  union all select 'routine ' || oid::regprocedure from pg_proc where pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  union all select 'setting ' || setdatabase || ' ' || setrole || ' ' || setconfig::text from pg_db_role_setting
   where setdatabase = (select oid from pg_database where datname = current_database()) or setdatabase = 0
  union all select 'role ' || rolname || ' ' || rolcanlogin || ' ' || rolconnlimit from pg_roles
  union all select 'connections ' || datallowconn || ' ' || datconnlimit || ' ' || coalesce(datacl::text, '') from pg_database where datname = current_database()
  union all select 'slot ' || slot_name from pg_replication_slots
  union all select 'publication ' || pubname from pg_publication
  union all select 'event trigger ' || evtname from pg_event_trigger
  order by 1`;

export async function catalogSnapshot(database: TestDatabase): Promise<string[]> {
  const rows = await database.query<{ '?column?': string }>(LINES);
  return rows.map((row) => Object.values(row)[0] ?? '');
}
