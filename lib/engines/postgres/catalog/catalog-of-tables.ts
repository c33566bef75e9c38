/** Tables, views, sequences and what hangs on them: one query per kind of object. */
import { CHANNEL_NAMES } from '../../../core/identifiers';
import type { SchemaObject } from '../../../core/schema';
import { OWN_TRIGGER } from '../run-record/own-schema';
import { comment, notOfExtension, OURS, optionsByName, owned } from './catalog-words';

const NOT_OF_EXTENSION = notOfExtension('pg_class', 'c.oid');
const TABLESPACE = `'tablespace', (select spcname from pg_tablespace where oid = c.reltablespace)`;
const OPTIONS = `'options', array_to_string(c.reloptions, ', ')`;

/** Each gives schema, table (or null), name and facts, and where there are any the facts whose values must not be shown. */
export const OBJECTS_OF_TABLES: Partial<Readonly<Record<SchemaObject['kind'], string>>> = {
  table: `
    select n.nspname as schema, null as "table", c.relname as name, ${optionsByName('f.ftoptions')} as hidden,
           jsonb_build_object(
             'kind', case c.relkind when 'p' then 'partitioned table' when 'f' then 'foreign table' else 'table' end,
             'partition key', pg_get_partkeydef(c.oid), 'partition bound', pg_get_expr(c.relpartbound, c.oid),
             'parents', (select string_agg(i.inhparent::regclass::text, ', ' order by i.inhseqno) from pg_inherits i where i.inhrelid = c.oid),
             'type', nullif(c.reloftype, 0)::regtype, 'unlogged', c.relpersistence = 'u',
             'replica identity', case c.relreplident when 'd' then 'default' when 'f' then 'full' when 'n' then 'nothing' else 'an index' end,
             'row security', c.relrowsecurity, 'forced row security', c.relforcerowsecurity, ${OPTIONS},
             'options of its toast table', (select array_to_string(toast.reloptions, ', ') from pg_class toast where toast.oid = c.reltoastrelid),
             'access method', (select amname from pg_am where oid = c.relam), ${TABLESPACE},
             'server', (select srvname from pg_foreign_server where oid = f.ftserver),
             ${owned('r', 'c.relacl', 'c.relowner')}, ${comment('pg_class', 'c.oid')}) as facts
      from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_foreign_table f on f.ftrelid = c.oid
     where c.relkind in ('r', 'p', 'f') and ${OURS} and ${NOT_OF_EXTENSION}`,
  view: `
    select n.nspname as schema, null as "table", c.relname as name,
           jsonb_build_object(
             'kind', case c.relkind when 'm' then 'materialized view' else 'view' end, 'definition', pg_get_viewdef(c.oid), ${OPTIONS},
             'populated', c.relkind = 'v' or c.relispopulated, 'access method', (select amname from pg_am where oid = c.relam), ${TABLESPACE},
             ${owned('r', 'c.relacl', 'c.relowner')}, ${comment('pg_class', 'c.oid')}) as facts
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('v', 'm') and ${OURS} and ${NOT_OF_EXTENSION}`,
  column: `
    select n.nspname as schema, c.relname as "table", a.attname as name, ${optionsByName('a.attfdwoptions')} as hidden,
           jsonb_build_object(
             'type', format_type(a.atttypid, a.atttypmod), 'collation', nullif(a.attcollation, 0)::regcollation, 'not null', a.attnotnull,
             'default', pg_get_expr(d.adbin, d.adrelid), 'identity', nullif(a.attidentity::text, ''), 'generated', nullif(a.attgenerated::text, ''),
             'storage', nullif(a.attstorage, t.typstorage), 'compression', nullif(a.attcompression::text, ''),
             'statistics target', nullif(a.attstattarget, -1), 'options', array_to_string(a.attoptions, ', '),
             'grants', to_jsonb(array(
               select distinct concat(coalesce(g.rolname, 'public'), ' ', x.privilege_type, case when x.is_grantable then ' with grant option' end)
                 from aclexplode(a.attacl) x left join pg_roles g on g.oid = x.grantee order by 1)),
             'comment', col_description(c.oid, a.attnum)) as facts
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace join pg_type t on t.oid = a.atttypid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'f', 'v', 'm') and ${OURS} and ${NOT_OF_EXTENSION}`,
  // a NOT NULL that holds for every row shows in its column, whatever it is called
  constraint: `
    select n.nspname as schema, c.relname as "table", k.conname as name,
           jsonb_build_object('definition', pg_get_constraintdef(k.oid),
             'triggers', case when exists (select from pg_trigger t where t.tgconstraint = k.oid and t.tgisinternal and t.tgenabled <> 'O')
                              then 'not all enabled' end,
             ${comment('pg_constraint', 'k.oid')}) as facts
      from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
     where (k.contype <> 'n' or not k.convalidated or k.connoinherit) and ${OURS} and ${NOT_OF_EXTENSION}`,
  index: `
    select n.nspname as schema, t.relname as "table", c.relname as name,
           jsonb_build_object('definition', pg_get_indexdef(i.indexrelid), 'valid', i.indisvalid and i.indisready,
             'replica identity', i.indisreplident, 'clustered', i.indisclustered, ${TABLESPACE}, ${comment('pg_class', 'c.oid')}) as facts
      from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
      join pg_namespace n on n.oid = c.relnamespace
     where t.relkind in ('r', 'p', 'm') and ${OURS} and ${notOfExtension('pg_class', 't.oid')}`,
  trigger: `
    select n.nspname as schema, c.relname as "table", t.tgname as name,
           jsonb_build_object('definition', pg_get_triggerdef(t.oid), 'enabled', ${enabled('t.tgenabled')}, ${comment('pg_trigger', 't.oid')}) as facts
      from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
     where not t.tgisinternal and not ${OWN_TRIGGER} and ${OURS} and ${NOT_OF_EXTENSION}`,
  rule: `
    select n.nspname as schema, c.relname as "table", r.rulename as name,
           jsonb_build_object('definition', pg_get_ruledef(r.oid), 'enabled', ${enabled('r.ev_enabled')}, ${comment('pg_rewrite', 'r.oid')}) as facts
      from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
     where r.rulename <> '_RETURN' and ${OURS} and ${NOT_OF_EXTENSION}`,
  policy: `
    select n.nspname as schema, c.relname as "table", p.polname as name,
           jsonb_build_object('command', p.polcmd, 'permissive', p.polpermissive,
             'roles', (select string_agg(case r when 0 then 'public' else pg_get_userbyid(r) end, ', ' order by 1) from unnest(p.polroles) r),
             'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid), ${comment('pg_policy', 'p.oid')}) as facts
      from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
     where ${OURS} and ${NOT_OF_EXTENSION}`,
  statistics: `
    select n.nspname as schema, c.relname as "table", s.stxname as name,
           jsonb_build_object('definition', pg_get_statisticsobjdef(s.oid), 'target', nullif(s.stxstattarget, -1),
             'owner', pg_get_userbyid(s.stxowner), ${comment('pg_statistic_ext', 's.oid')}) as facts
      from pg_statistic_ext s join pg_class c on c.oid = s.stxrelid join pg_namespace n on n.oid = s.stxnamespace
     where ${OURS} and ${NOT_OF_EXTENSION}`,
  sequence: `
    select n.nspname as schema, t.relname as "table", c.relname as name,
           jsonb_build_object('type', format_type(s.seqtypid, null), 'start', s.seqstart::text, 'increment', s.seqincrement::text,
             'minimum', s.seqmin::text, 'maximum', s.seqmax::text, 'cache', s.seqcache::text, 'cycle', s.seqcycle, 'unlogged', c.relpersistence = 'u',
             'owned by', t.relname || '.' || a.attname || case o.deptype when 'i' then ' (identity)' else '' end,
             ${owned('s', 'c.relacl', 'c.relowner')}, ${comment('pg_class', 'c.oid')}) as facts
      from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
      left join pg_depend o on o.classid = 'pg_class'::regclass and o.objid = c.oid and o.deptype in ('a', 'i')
                           and o.refclassid = 'pg_class'::regclass and o.refobjsubid > 0
      left join pg_class t on t.oid = o.refobjid
      left join pg_attribute a on a.attrelid = t.oid and a.attnum = o.refobjsubid
     where ${OURS} and ${NOT_OF_EXTENSION}`,
  // a table that is dropped leaves its publications, so each table in one is an object of its own; the run's own come and go
  publication: `
    select coalesce(n.nspname, '') as schema, c.relname as "table", p.pubname as name,
           case when c.oid is null and m.pnnspid is null then
             jsonb_build_object(
               'publishes', (select string_agg(key || ' ' || value, ', ' order by key)
                               from jsonb_each_text(to_jsonb(p) - '{oid,pubname,pubowner}'::text[])),
               'owner', pg_get_userbyid(p.pubowner), ${comment('pg_publication', 'p.oid')})
           else jsonb_build_object('where', pg_get_expr(r.prqual, r.prrelid),
             'columns', (select string_agg(a.attname, ', ' order by a.attnum) from pg_attribute a
                          where a.attrelid = r.prrelid and a.attnum = any (r.prattrs))) end as facts
      from pg_publication p
      left join lateral (select prrelid, prqual, prattrs from pg_publication_rel where prpubid = p.oid union all select null, null, null) r on true
      left join lateral (select pnnspid from pg_publication_namespace where pnpubid = p.oid and r.prrelid is null union all select null) m on true
      left join pg_class c on c.oid = r.prrelid
      left join pg_namespace n on n.oid = coalesce(c.relnamespace, m.pnnspid)
     where p.pubname !~ '${CHANNEL_NAMES}'`,
};

function enabled(state: string): string {
  return `case ${state} when 'O' then 'yes' when 'A' then 'always' when 'R' then 'replica' else 'no' end`;
}
