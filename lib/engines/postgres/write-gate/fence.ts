/**
 * The fence: a statement trigger on every table, and the one function behind all of them that refuses or lets pass.
 *
 * Putting it up takes a lock on each table; closing and opening it replaces the function and takes none. Replication's
 * apply worker runs with `session_replication_role = replica`, where such a trigger does not fire.
 */
import { escapeIdentifier } from 'pg';
import { APPLICATION_RELATION, isFunctionThere, markFunction, OWN_TRIGGER_NAMES } from '../run-record/own-schema';
import type { Session } from '../session/session';

const [FENCE] = OWN_TRIGGER_NAMES;

/** Tables that can be written to. Foreign tables take no statement trigger that would protect them. */
export const OURS = `${APPLICATION_RELATION}
     and c.oid not in (select d.objid from pg_depend d where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e')`;

/** Those of them whose fence is missing or disabled; in one go over all triggers, because it is looked for during a switchover. */
export const UNFENCED = `
  select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and c.relpersistence <> 't' and ${OURS}
     and c.oid not in (select t.tgrelid from pg_trigger t where t.tgfoid = (select to_regprocedure('bluegreen.refuse_write()')) and t.tgname = '${FENCE}'
                         and t.tgenabled in ('O', 'A'))`;

/** Another text when any was made, dropped, disabled or enabled: each of these writes its row of the catalog anew. A sum, which needs no sorting. */
export const FENCES = `
  select count(*) || ' ' || coalesce(sum(hashoidextended(t.oid, t.xmin::text::bigint)), 0) as fences from pg_trigger t
   where t.tgname = '${FENCE}' and t.tgfoid = (select to_regprocedure('bluegreen.refuse_write()'))`;

/** Writes of the run itself pass: its changes on green. Clients may not read the record, so the function reads it as its owner. */
export const REFUSE = `
  create or replace function bluegreen.refuse_write() returns trigger language plpgsql security definer
    set search_path = pg_catalog as $fence$
  begin
    if current_setting('bluegreen.run_id', true) is distinct from (select run_id from bluegreen.run) then
      raise exception 'cannot execute % in a read-only database: blue/green run % is in progress', tg_op,
        (select run_id from bluegreen.run) using errcode = 'read_only_sql_transaction';
    end if;
    return null;
  end $fence$`;

export const PASS = `create or replace function bluegreen.refuse_write() returns trigger language plpgsql as 'begin return null; end'`;

/** How long production may wait behind one table's trigger being made. */
const ARM_LOCK_TIMEOUT = '300ms';

export interface TableRow {
  schema: string;
  name: string;
}

/** From the commit on, every statement that begins is refused; those that began before have to be waited for. */
export async function closeFence(session: Session): Promise<void> {
  await session.query(REFUSE);
}

/** Makes the function, open; where it is there, it stays as it is. */
export async function makeFence(session: Session): Promise<void> {
  const [missing] = await session.query(`select where to_regprocedure('bluegreen.refuse_write()') is null`);
  if (missing) {
    await session.query(`${PASS}; ${markFunction('refuse_write')}`);
  }
}

/** Puts the fence on every table that has none, each table for itself; an open fence where there was none at all. */
export async function arm(session: Session): Promise<void> {
  await makeFence(session);
  for (const table of await session.planned<TableRow>(UNFENCED)) {
    await session.transaction(async () => {
      await session.query(`set local lock_timeout = '${ARM_LOCK_TIMEOUT}'`);
      await fence(session, [table]);
    });
  }
}

/** Puts the fence on every table that has none, all or none. */
export async function armAtOnce(session: Session): Promise<void> {
  await fenceAtOnce(session, await session.planned<TableRow>(UNFENCED));
}

/** All or none. */
export async function fenceAtOnce(session: Session, tables: readonly TableRow[]): Promise<void> {
  if (tables.length > 0) {
    await session.transaction(() => fence(session, tables));
  }
}

async function fence(session: Session, tables: readonly TableRow[]): Promise<void> {
  await session.query(`select set_config('bluegreen.tables', $1, true)`, [JSON.stringify(tables)]);
  await session.query(`
    do $fence$
    declare target record;
    begin
      for target in select * from jsonb_to_recordset(current_setting('bluegreen.tables')::jsonb) as t (schema text, name text) loop
        execute format('create or replace trigger ${FENCE} before insert or update or delete or truncate on %I.%I
                        for each statement execute function bluegreen.refuse_write()', target.schema, target.name);
      end loop;
    end $fence$`);
}

/** Tables a write could get past, in words. */
export async function fenceGaps(session: Session): Promise<string[]> {
  return (await session.planned<TableRow>(UNFENCED)).map(
    ({ schema, name }) =>
      `table ${schema}.${name} has no fence: it was created, or its fence was disabled, after the freeze was prepared`,
  );
}

/** Tables that have it, and whose trigger this user may drop by itself. */
const FENCED_OWN = `
  select n.nspname as schema, c.relname as name from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
   where t.tgfoid = to_regprocedure('bluegreen.refuse_write()') and not t.tgisinternal and pg_has_role(c.relowner, 'USAGE')`;

/**
 * Removes the triggers; nobody is refused meanwhile. It needs a table for itself for a moment, and whoever comes after it
 * in the table's queue waits, so it gives up before anybody notices. Each table for itself, as far as this user owns them:
 * who holds one table while it waits for another is waited for by those who write to both.
 */
export async function dropFence(session: Session): Promise<void> {
  if (!(await isFunctionThere(session, 'refuse_write'))) {
    return;
  }
  for (const { schema, name } of await session.query<TableRow>(FENCED_OWN)) {
    await dropSoon(session, `drop trigger if exists ${FENCE} on ${escapeIdentifier(schema)}.${escapeIdentifier(name)}`);
  }
  await dropSoon(session, 'drop function bluegreen.refuse_write() cascade');
}

async function dropSoon(session: Session, statement: string): Promise<void> {
  await session.transaction(async () => {
    await session.query(`set local lock_timeout = '${ARM_LOCK_TIMEOUT}'`);
    await session.query(statement);
  });
}
