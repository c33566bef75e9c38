/** The product's own schema in a database, and the mark that says which things in it this product made: nothing without it is taken for the run's, or removed. */
import { GuardrailViolated } from '../../../core/errors';
import type { Session } from '../session/session';

export const SCHEMA = 'bluegreen';
/** The comment of everything this product makes; it travels with the database. */
export const MARK = 'made by cdk-rds-bluegreen';

/** Schemas of the application: not the server's, not a session's, not the product's own. */
export const APPLICATION_SCHEMA = `n.nspname not in ('pg_catalog', 'information_schema', '${SCHEMA}') and n.nspname !~ '^pg_'`;

/** What somebody else put into the product's schema is the application's, too: it must not be passed over. */
export const APPLICATION_RELATION = `n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_'
  and (n.nspname <> '${SCHEMA}' or (c.relkind in ('r', 'p') and obj_description(c.oid, 'pg_class') is distinct from '${MARK}'))`;

/** The triggers of the product are those that run its functions, whatever others are called. */
export const OWN_TRIGGER = `t.tgfoid in (select p.oid from pg_proc p where p.pronamespace = to_regnamespace('${SCHEMA}'))`;
export const OWN_TRIGGER_NAMES = ['bluegreen_fence', 'bluegreen_hold'] as const;

/** The ledger was made without a mark at first; nothing but itself has these columns. */
const LEDGER_COLUMNS =
  'number bigint, file text, sha256 text, chain text, run_id text, applied_at timestamp with time zone';
const MARKED = `obj_description(c.oid, 'pg_class') is not distinct from '${MARK}'`;
export const UNMARKED_LEDGER = `(c.relname = 'change' and c.relkind = 'r' and obj_description(c.oid, 'pg_class') is null and '${LEDGER_COLUMNS}' = (
  select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
    from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped))`;

/** Whose the schema is, if it is there: marked, or with nothing in it but a ledger without marks. */
export const SCHEMA_STATE = `
  select obj_description(n.oid, 'pg_namespace') is not distinct from '${MARK}' as marked,
         obj_description(n.oid, 'pg_namespace') is null
           and (select count(*) = 1 and bool_and(${UNMARKED_LEDGER}) from pg_class c where c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v', 'm', 'f'))
           and not exists (select from pg_proc p where p.pronamespace = n.oid) as "bareLedger"
    from pg_namespace n where n.nspname = '${SCHEMA}'`;

export const NOT_OURS = `schema "${SCHEMA}" was not made by this product, which keeps its own tables in a schema of that name; nothing in it was touched; ALTER SCHEMA ${SCHEMA} RENAME TO another name, and let the application use that`;

/** Makes the schema, or takes over one that this product made. @throws GuardrailViolated when somebody else did */
export async function claimSchema(session: Session): Promise<void> {
  const [state] = await session.query<{ marked: boolean; bareLedger: boolean }>(SCHEMA_STATE);
  if (state?.marked) {
    return;
  }
  if (state && !state.bareLedger) {
    throw new GuardrailViolated([NOT_OURS]);
  }
  await session.query(`create schema if not exists ${SCHEMA}; comment on schema ${SCHEMA} is '${MARK}'`);
  if (state) {
    await session.query(`comment on table ${SCHEMA}.change is '${MARK}'`);
  }
}

/** Whether the product's table of this name is there. */
export async function isThere(session: Session, table: string): Promise<boolean> {
  const [found] = await session.query(
    `select from pg_class c where c.oid = to_regclass('${SCHEMA}.${table}') and (${MARKED} or ${UNMARKED_LEDGER})`,
  );
  return found !== undefined;
}

/** @throws GuardrailViolated when somebody else has a table of that name there */
export async function makeTable(session: Session, table: string, columns: string): Promise<void> {
  if (await isThere(session, table)) {
    return;
  }
  const name = `${SCHEMA}.${table}`;
  const [foreign] = await session.query(`select where to_regclass('${name}') is not null`);
  if (foreign) {
    throw new GuardrailViolated([
      `${name} was not made by this product, to which the schema belongs; move it with ALTER … SET SCHEMA, or drop it`,
    ]);
  }
  await session.query(`create table ${name} (${columns}); comment on table ${name} is '${MARK}'`);
}

/** Removes tables the product made; one that something of somebody else's depends on is emptied. */
export async function dropTables(session: Session, tables: readonly string[]): Promise<void> {
  await session.query(`
    do $drop$
    declare own regclass;
    begin
      for own in select c.oid from pg_class c where c.relnamespace = to_regnamespace('${SCHEMA}') and ${MARKED}
                    and c.relname in (${tables.map((table) => `'${table}'`).join(', ')}) loop
        begin
          execute format('drop table %s', own);
        exception when dependent_objects_still_exist then
          execute format('delete from %s', own);
        end;
      end loop;
    end $drop$`);
}

/** The statement that marks a function the product has just made. */
export const markFunction = (name: string) => `comment on function ${SCHEMA}.${name}() is '${MARK}'`;

export async function isFunctionThere(session: Session, name: string): Promise<boolean> {
  const [found] = await session.query(
    `select where obj_description(to_regprocedure('${SCHEMA}.${name}()'), 'pg_proc') = '${MARK}'`,
  );
  return found !== undefined;
}

/** Removes the schema once nothing is in it any more. */
export async function dropEmptySchema(session: Session): Promise<void> {
  const [empty] = await session.query(
    `select from (${SCHEMA_STATE}) s where s.marked and not exists (
       select from pg_depend d where d.refclassid = 'pg_namespace'::regclass and d.refobjid = to_regnamespace('${SCHEMA}'))`,
  );
  if (empty) {
    await session.query(`drop schema ${SCHEMA}`);
  }
}
