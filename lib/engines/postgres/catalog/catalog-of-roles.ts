/** Roles of the instance, what they are members of, their settings, and who may set which parameter: the same in every database. */
import type { SchemaObject } from '../../../core/schema';
import { settingsOfRoles } from './catalog-of-objects';
import { column, grants, notTheServers } from './catalog-words';

/** Columns as those of the other queries of the catalog. Passwords cannot be read on RDS. */
export const ROLES: Partial<Readonly<Record<SchemaObject['kind'], string>>> = {
  role: `
    select '' as schema, null as "table", r.rolname as name,
           jsonb_build_object(
             'attributes', to_jsonb(array_remove(array[
               case when r.rolsuper then 'superuser' end, case when r.rolinherit then 'inherit' end, case when r.rolcreaterole then 'createrole' end,
               case when r.rolcreatedb then 'createdb' end, case when r.rolcanlogin then 'login' end, case when r.rolreplication then 'replication' end,
               case when r.rolbypassrls then 'bypassrls' end, 'connection limit ' || nullif(r.rolconnlimit, -1),
               'valid until ' || (nullif(r.rolvaliduntil, 'infinity') at time zone 'UTC') || ' UTC'], null)),
             'comment', shobj_description(r.oid, 'pg_authid')) as facts
      from pg_roles r where ${notTheServers('r.rolname')}`,
  membership: `
    select '' as schema, null as "table", g.rolname as name, r.rolname as of,
           jsonb_build_object('options', to_jsonb(array_remove(array[
             case when bool_or(m.admin_option) then 'admin' end, case when bool_or((${column('m', 'inherit_option')})::boolean) then 'inherit' end,
             case when bool_or((${column('m', 'set_option')})::boolean) then 'set' end], null))) as facts
      from pg_auth_members m join pg_roles g on g.oid = m.roleid join pg_roles r on r.oid = m.member
     where ${notTheServers('r.rolname')} group by g.rolname, r.rolname`,
  setting: settingsOfRoles(notTheServers('r.rolname')),
  parameter: `
    select '' as schema, null as "table", p.parname as name,
           jsonb_build_object('grants', ${grants('p', 'p.paracl', '10::oid')}) as facts
      from pg_parameter_acl p`,
};
