/** Which objects of a database are the application's, as conditions on the catalog. */

/** Schemas of the application: not the server's, not a session's, not the run's own. */
export const OURS = `n.nspname not in ('pg_catalog', 'information_schema', 'bluegreen') and n.nspname !~ '^pg_'`;

/** Objects that came with an extension are the extension's business. */
export const notOfExtension = (catalog: string, oid: string) =>
  `not exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`;
