/** What the queries of the catalog have in common: which objects are the application's, and their owner, grants and comment. */
import { APPLICATION_SCHEMA } from '../run-record/own-schema';

/** Objects of the application. */
export const OURS = APPLICATION_SCHEMA;

/** Objects that came with an extension are the extension's business. */
export const notOfExtension = (catalog: string, oid: string) =>
  `not exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`;

/** Roles of the server and of RDS, which differ from one version of theirs to the next. */
export const notTheServers = (role: string) =>
  `${role} !~ '^(pg_|rds_)' and ${role} not in ('rdsadmin', 'rdsrepladmin', 'rdstopmgr', 'rdsproxyadmin', 'rdswriteforwarduser')`;

/**
 * Who may do what, one entry each, in an order of its own. No list of grants means the default one.
 *
 * @param type the letter acldefault() knows this kind of object by
 */
export const grants = (type: string, acl: string, owner: string) => `
  to_jsonb(array(
    select distinct concat(coalesce(g.rolname, 'public'), ' ', x.privilege_type, case when x.is_grantable then ' with grant option' end)
      from aclexplode(coalesce(${acl}, acldefault('${type}', ${owner}))) x left join pg_roles g on g.oid = x.grantee order by 1))`;

/** The facts about an object that has an owner, grants and a comment. */
export const owned = (type: string, acl: string, owner: string) =>
  `'owner', pg_get_userbyid(${owner}), 'grants', ${grants(type, acl, owner)}`;

export const comment = (catalog: string, oid: string) => `'comment', obj_description(${oid}, '${catalog}')`;

/** Options as `name=value` each; their values may be passwords. */
export const optionsByName = (options: string) =>
  `(select jsonb_object_agg('option ' || o.option_name, o.option_value) from pg_options_to_table(${options}) o)`;

/** Columns that not every version has are read out of the row as a whole. */
export const column = (row: string, name: string) => `to_jsonb(${row}) ->> '${name}'`;
