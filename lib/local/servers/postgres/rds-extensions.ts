/** The extensions of RDS that local servers offer: stand-ins with RDS's names, versions and rights. */

/**
 * `rds_tools`: release notes of RDS for PostgreSQL (1.9 since 17.3, 16.7, 15.11, 14.16, 13.19) and "rds_tools functions reference"
 * of the user guide. Only what says where a restored copy begins; here, as upstream, it is forgotten with the next restart.
 *
 * Upstream lets whoever may create something in the database create a trusted extension; RDS lets members of `rds_superuser`.
 */
const RDS_TOOLS = {
  'rds_tools.control': `comment = 'stand-in for the extension of RDS'
default_version = '1.9'
schema = rds_tools
relocatable = false
trusted = true
`,
  'rds_tools--1.8.sql': `do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = session_user and rolsuper)
     and not exists (select from pg_catalog.pg_roles where rolname = 'rds_superuser' and pg_catalog.pg_has_role(session_user, oid, 'member')) then
    raise 'permission denied to create extension "rds_tools"'
      using errcode = 'insufficient_privilege', hint = 'Must be a member of rds_superuser to create this extension.';
  end if;
end $$;
`,
  'rds_tools--1.8--1.9.sql': `create function @extschema@.logical_seed_lsn() returns pg_lsn
language sql security definer set search_path = pg_catalog, pg_temp as 'select pg_last_wal_replay_lsn()';
`,
};

/** File names and contents, for the folder `extension` of a server's shared files. */
export const RDS_EXTENSION_FILES: Readonly<Record<string, string>> = RDS_TOOLS;
