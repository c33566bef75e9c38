/** What does not hang on a table: schemas, routines, types and the like, and the database itself; one query per kind of object. */
import type { SchemaObject } from '../../../core/schema';
import { column, comment, grants, notOfExtension, OURS, optionsByName, owned } from './catalog-words';

/** Casts, servers and the like lie in no schema; those the server was made with have the lower numbers. */
const MADE_LATER = 16384;

const settings = (where: string, of: string) => `
  select '' as schema, null as "table", lower(split_part(c, '=', 1)) as name, ${of} as of, ${settingAs('facts', false)}, ${settingAs('hidden', true)}
    from pg_db_role_setting s cross join unnest(s.setconfig) c left join pg_roles r on r.oid = s.setrole where ${where}`;

/** Parameters with a dot in their names are the application's own, and may hold what is secret. */
function settingAs(part: 'facts' | 'hidden', dotted: boolean): string {
  return `case when (split_part(c, '=', 1) like '%.%') = ${dotted}
    then jsonb_build_object('value', substr(c, strpos(c, '=') + 1)) else '{}' end as ${part}`;
}

/** Columns as those of the tables' queries; `of` tells objects of one name apart. */
export const OTHER_OBJECTS: Partial<Readonly<Record<SchemaObject['kind'], string>>> = {
  schema: `
    select '' as schema, null as "table", n.nspname as name,
           jsonb_build_object(${owned('n', 'n.nspacl', 'n.nspowner')}, ${comment('pg_namespace', 'n.oid')}) as facts
      from pg_namespace n where ${OURS} and ${notOfExtension('pg_namespace', 'n.oid')}`,
  extension: `
    select n.nspname as schema, null as "table", e.extname as name,
           jsonb_build_object('version', e.extversion, 'owner', pg_get_userbyid(e.extowner), ${comment('pg_extension', 'e.oid')},
             'configuration', (select string_agg(t::regclass::text, ', ' order by t::regclass::text) from unnest(e.extconfig) t)) as facts
      from pg_extension e join pg_namespace n on n.oid = e.extnamespace`,
  routine: `
    select n.nspname as schema, null as "table", p.proname as name, '(' || pg_get_function_identity_arguments(p.oid) || ')' as of,
           jsonb_build_object(
             'definition', case when p.prokind <> 'a' then pg_get_functiondef(p.oid) else (
               select concat_ws(' ', 'aggregate', a.aggkind, a.aggtransfn, a.aggtranstype::regtype, 'final', a.aggfinalfn, a.aggfinalmodify, a.aggfinalextra,
                        'combine', a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, 'initial', a.agginitval, 'sort', a.aggsortop::regoperator,
                        'moving', a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn, a.aggminitval, 'parallel', p.proparallel)
                 from pg_aggregate a where a.aggfnoid = p.oid) end,
             ${owned('f', 'p.proacl', 'p.proowner')}, ${comment('pg_proc', 'p.oid')}) as facts
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where ${OURS} and ${notOfExtension('pg_proc', 'p.oid')}
       -- a range type's constructors are the type's business
       and not exists (select from pg_depend i where i.classid = 'pg_proc'::regclass and i.objid = p.oid and i.deptype = 'i')`,
  type: `
    select n.nspname as schema, null as "table", t.typname as name,
           jsonb_build_object(
             'kind', case t.typtype when 'e' then 'enum' when 'd' then 'domain' when 'c' then 'composite' else 'range' end,
             'base type', format_type(nullif(t.typbasetype, 0), t.typtypmod), 'not null', t.typnotnull, 'default', t.typdefault,
             'collation', nullif(t.typcollation, 0)::regcollation,
             'labels', (select string_agg(e.enumlabel, ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
             'attributes', (select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
                from pg_attribute a join pg_class c on c.oid = a.attrelid
               where c.oid = t.typrelid and c.relkind = 'c' and a.attnum > 0 and not a.attisdropped),
             'constraints', to_jsonb(array(select concat_ws(': ', k.conname || ' ' || pg_get_constraintdef(k.oid), obj_description(k.oid, 'pg_constraint'))
                from pg_constraint k where k.contypid = t.oid order by k.conname)),
             'range of', (select concat_ws(' ', r.rngsubtype::regtype, nullif(r.rngcollation, 0)::regcollation, o.opcname, r.rngcanonical, r.rngsubdiff)
                from pg_range r join pg_opclass o on o.oid = r.rngsubopc where r.rngtypid = t.oid),
             ${owned('T', 't.typacl', 't.typowner')}, ${comment('pg_type', 't.oid')}) as facts
      from pg_type t join pg_namespace n on n.oid = t.typnamespace
     where ${OURS} and t.typtype in ('e', 'd', 'c', 'r') and ${notOfExtension('pg_type', 't.oid')}
       and (t.typtype <> 'c' or exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c'))`,
  collation: `
    select n.nspname as schema, null as "table", k.collname as name,
           jsonb_build_object('provider', k.collprovider, 'deterministic', k.collisdeterministic,
             'locale', coalesce(${column('k', 'colllocale')}, ${column('k', 'colliculocale')}, k.collcollate),
             'character type', k.collctype, 'rules', ${column('k', 'collicurules')},
             'owner', pg_get_userbyid(k.collowner), ${comment('pg_collation', 'k.oid')}) as facts
      from pg_collation k join pg_namespace n on n.oid = k.collnamespace where ${OURS} and ${notOfExtension('pg_collation', 'k.oid')}`,
  operator: `
    select n.nspname as schema, null as "table", o.oprname as name,
           format('(%s, %s)', coalesce(format_type(nullif(o.oprleft, 0), null), 'none'), format_type(nullif(o.oprright, 0), null)) as of,
           jsonb_build_object('definition', concat_ws(' ', o.oprcode, 'returns', o.oprresult::regtype, 'commutator', nullif(o.oprcom, 0)::regoperator,
             'negator', nullif(o.oprnegate, 0)::regoperator, 'restrict', o.oprrest, 'join', o.oprjoin, 'hashes', o.oprcanhash, 'merges', o.oprcanmerge),
             'owner', pg_get_userbyid(o.oprowner), ${comment('pg_operator', 'o.oid')}) as facts
      from pg_operator o join pg_namespace n on n.oid = o.oprnamespace where o.oprcode <> 0 and ${OURS} and ${notOfExtension('pg_operator', 'o.oid')}`,
  cast: `
    select '' as schema, null as "table", s.typname || ' as ' || t.typname as name, format('(%s as %s)', s.oid::regtype, t.oid::regtype) as of,
           jsonb_build_object('definition', concat_ws(' ', nullif(k.castfunc, 0)::regprocedure, 'context', k.castcontext, 'method', k.castmethod),
             ${comment('pg_cast', 'k.oid')}) as facts
      from pg_cast k join pg_type s on s.oid = k.castsource join pg_type t on t.oid = k.casttarget
     where k.oid >= ${MADE_LATER} and ${notOfExtension('pg_cast', 'k.oid')}
       -- a range type's cast to its multirange is the type's business
       and not exists (select from pg_depend i where i.classid = 'pg_cast'::regclass and i.objid = k.oid and i.deptype = 'i')`,
  'text search configuration': `
    select n.nspname as schema, null as "table", f.cfgname as name,
           jsonb_build_object('parser', (select prsname from pg_ts_parser where oid = f.cfgparser),
             'dictionaries', to_jsonb(array(
               select a.alias || ': ' || string_agg(m.mapdict::regdictionary::text, ', ' order by m.mapseqno)
                 from pg_ts_config_map m join ts_token_type(f.cfgparser) a on a.tokid = m.maptokentype where m.mapcfg = f.oid group by a.alias order by 1)),
             'owner', pg_get_userbyid(f.cfgowner), ${comment('pg_ts_config', 'f.oid')}) as facts
      from pg_ts_config f join pg_namespace n on n.oid = f.cfgnamespace where ${OURS} and ${notOfExtension('pg_ts_config', 'f.oid')}`,
  'text search dictionary': `
    select n.nspname as schema, null as "table", d.dictname as name,
           jsonb_build_object('template', (select tmplname from pg_ts_template where oid = d.dicttemplate), 'options', d.dictinitoption,
             'owner', pg_get_userbyid(d.dictowner), ${comment('pg_ts_dict', 'd.oid')}) as facts
      from pg_ts_dict d join pg_namespace n on n.oid = d.dictnamespace where ${OURS} and ${notOfExtension('pg_ts_dict', 'd.oid')}`,
  'event trigger': `
    select '' as schema, null as "table", t.evtname as name,
           jsonb_build_object('event', t.evtevent, 'function', t.evtfoid::regproc, 'tags', array_to_string(t.evttags, ', '),
             'enabled', t.evtenabled, 'owner', pg_get_userbyid(t.evtowner), ${comment('pg_event_trigger', 't.oid')}) as facts
      from pg_event_trigger t where ${notOfExtension('pg_event_trigger', 't.oid')}`,
  'default privileges': `
    select coalesce(n.nspname, '') as schema, null as "table", pg_get_userbyid(d.defaclrole) as of,
           case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types'
             when 'n' then 'schemas' else 'large objects' end as name,
           jsonb_build_object('grants', ${grants('r', 'd.defaclacl', 'd.defaclrole')}) as facts
      from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace`,
  server: `
    select '' as schema, null as "table", s.srvname as name, ${optionsByName('s.srvoptions')} as hidden,
           jsonb_build_object('wrapper', (select fdwname from pg_foreign_data_wrapper where oid = s.srvfdw), 'type', s.srvtype, 'version', s.srvversion,
             ${owned('S', 's.srvacl', 's.srvowner')}, ${comment('pg_foreign_server', 's.oid')}) as facts
      from pg_foreign_server s where ${notOfExtension('pg_foreign_server', 's.oid')}`,
  'user mapping': `
    select '' as schema, null as "table", srvname as name, usename as of, '{}'::jsonb as facts, ${optionsByName('umoptions')} as hidden
      from pg_user_mappings`,
  database: `
    select '' as schema, null as "table", 'itself' as name,
           jsonb_build_object('connection limit', nullif(d.datconnlimit, -1), ${owned('d', 'd.datacl', 'd.datdba')},
             'comment', shobj_description(d.oid, 'pg_database')) as facts
      from pg_database d where d.datname = current_database()`,
  // the freeze is such a setting, and comes and goes with the run
  setting: settings(
    `s.setdatabase = (select oid from pg_database where datname = current_database())
       and not (s.setrole = 0 and c like 'default\\_transaction\\_read\\_only=%')`,
    `case s.setrole when 0 then 'the database' else 'role ' || r.rolname || ' in the database' end`,
  ),
};

export const settingsOfRoles = (where: string) =>
  settings(
    `s.setdatabase = 0 and (s.setrole = 0 or ${where})`,
    `case s.setrole when 0 then 'all roles' else 'role ' || r.rolname end`,
  );
