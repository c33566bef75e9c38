/**
 * The fence: what makes a side refuse writes, and lets it accept them again.
 *
 * Two layers. `default_transaction_read_only` on the database makes honest clients see a read-only database; any
 * session may override it, so every table also gets a statement trigger that refuses. Replication's apply worker runs
 * with `session_replication_role = replica`, where such a trigger does not fire.
 */
import { FreezeFailed } from '../../core/errors';
import type { Freeze } from '../../ports/database';
import { RUN_APPLICATION_NAME, type Session } from './session';

const FENCE = 'bluegreen_fence';

/** Tables that can be written to. Foreign tables take no statement trigger that would protect them. */
const TABLES = `
  select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and c.relpersistence <> 't'
     and n.nspname not in ('pg_catalog', 'information_schema', 'bluegreen') and n.nspname !~ '^pg_'
     and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`;

/** Those of them whose fence is missing or disabled. */
const UNFENCED = `${TABLES}
     and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = '${FENCE}' and not t.tgisinternal
                        and t.tgenabled in ('O', 'A'))`;

/** Writes of the run itself pass: its changes on green, which inherits the fence with the snapshot. Clients may not read the record, so the function reads it as its owner. */
const REFUSE = `
  create or replace function bluegreen.refuse_write() returns trigger language plpgsql security definer
    set search_path = pg_catalog as $fence$
  begin
    if current_setting('bluegreen.run_id', true) is distinct from (select run_id from bluegreen.run) then
      raise exception 'cannot execute % in a read-only database: blue/green run % is in progress', tg_op,
        (select run_id from bluegreen.run) using errcode = 'read_only_sql_transaction';
    end if;
    return null;
  end $fence$`;

/** Replacing the body opens every table at once, without a lock on any; the triggers are removed afterwards, at leisure. */
const PASS = `create or replace function bluegreen.refuse_write() returns trigger language plpgsql as 'begin return null; end'`;

/** Takes a lock on each table that waits for everybody who has written to it, also where the trigger is there already. */
const fenceTables = (tables: string) => `
  do $fence$
  declare target record;
  begin
    for target in ${tables} loop
      execute format('create or replace trigger ${FENCE} before insert or update or delete or truncate on %I.%I
                      for each statement execute function bluegreen.refuse_write()', target.nspname, target.relname);
    end loop;
  end $fence$`;

interface FreezeRow {
  freeze_id: string;
  frozen_until: Date;
  fenced: boolean;
}

export async function freeze(session: Session, runId: string, until: Date): Promise<Freeze> {
  const row = await session.transaction(async () => {
    await session.query(REFUSE);
    await session.query(setReadOnly(await databaseIdentifier(session), 'on'));
    const [frozen] = await session.query<FreezeRow>(
      `update bluegreen.run set freeze_id = coalesce(freeze_id, gen_random_uuid()), frozen_until = coalesce(frozen_until, $2), lifted_at = null
        where run_id = $1 returning freeze_id, frozen_until, fenced`,
      [runId, until],
    );
    if (!frozen) {
      throw new FreezeFailed(`run "${runId}" does not hold the lock under which it wants to freeze`);
    }
    return frozen;
  });
  // Triggers that an interrupted unfreeze left behind say nothing about who is writing, so a new freeze does every table.
  const tables = row.fenced ? UNFENCED : TABLES;
  if (!row.fenced || (await session.query(tables)).length > 0) {
    // Sessions that are writing hold locks the fence has to wait for; a session that began before the setting and
    // survives the first round is met by the fence, and ended in the second.
    await endClientSessions(session);
    await session.query(fenceTables(tables));
    await endClientSessions(session);
    await session.query('update bluegreen.run set fenced = true where run_id = $1', [runId]);
  }
  return { id: row.freeze_id, until: row.frozen_until };
}

/** Why the freeze cannot be relied on although the record says there is one. */
export async function freezeGaps(session: Session): Promise<string[]> {
  const gaps = (await session.query<{ nspname: string; relname: string }>(UNFENCED)).map(
    ({ nspname, relname }) =>
      `table ${nspname}.${relname} has no fence: it was created, or its fence was disabled, after blue was frozen`,
  );
  return (await readOnlyByDefault(session)) ? gaps : [...gaps, 'blue is not read-only by default any more'];
}

export async function readOnlyByDefault(session: Session): Promise<boolean> {
  const [row] = await session.query<{ found: boolean }>(
    `select exists (select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
       where d.datname = current_database() and s.setrole = 0
         and 'default_transaction_read_only=on' = any (s.setconfig)) as found`,
  );
  return row?.found === true;
}

/** Lets the database accept writes again, at once for every table; does nothing where there is no freeze of this run. */
export async function unfreeze(session: Session, runId: string): Promise<void> {
  const [exists] = await session.query<{ found: boolean }>(`select to_regclass('bluegreen.run') is not null as found`);
  const [frozen] = exists?.found
    ? await session.query<{ lifted: boolean }>(
        `select lifted_at is not null as lifted from bluegreen.run
          where run_id = $1 and (freeze_id is not null or lifted_at is not null)`,
        [runId],
      )
    : [];
  if (!frozen) {
    return;
  }
  if (!frozen.lifted) {
    await session.transaction(async () => {
      await lift(session);
      await session.query(
        'update bluegreen.run set freeze_id = null, frozen_until = null, fenced = false where run_id = $1',
        [runId],
      );
    });
  }
  await endReadOnlySessions(session);
  await dropFence(session);
}

export async function openGreen(session: Session, runId: string): Promise<'opened' | 'abandoned'> {
  const opened = await session.transaction(async () => {
    const [row] = await session.query<{ lifted: boolean }>(
      `update bluegreen.run set green_state = 'open' where run_id = $1 and green_state <> 'abandoned'
       returning lifted_at is not null as lifted`,
      [runId],
    );
    if (row && !row.lifted) {
      await lift(session);
    }
    return row !== undefined;
  });
  if (!opened) {
    return 'abandoned';
  }
  await endReadOnlySessions(session);
  return 'opened';
}

/**
 * Removes the triggers; nobody is refused meanwhile. It needs every table for itself for a moment, and whoever comes
 * after it in a table's queue waits, so it gives up before anybody notices and before the server looks for deadlocks.
 */
export async function dropFence(session: Session): Promise<void> {
  await session.transaction(async () => {
    await session.query(`set local lock_timeout = '300ms'`);
    await session.query('drop function if exists bluegreen.refuse_write() cascade');
  });
}

export async function endClientSessions(session: Session): Promise<void> {
  await session.query(END_CLIENT_SESSIONS, [RUN_APPLICATION_NAME]);
}

const END_CLIENT_SESSIONS = `
  select pg_terminate_backend(a.pid) from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
   where a.datname = current_database() and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
     and not r.rolsuper and not (a.usename = current_user and a.application_name like $1 || '%')`;

/**
 * A session made before the database was let go stays read-only as long as it lives. Called again it ends no session
 * that is newer. The second round finds those that had read the old setting, but were not listed yet, in the first.
 */
async function endReadOnlySessions(session: Session): Promise<void> {
  await session.query(`update bluegreen.run set lifted_at = clock_timestamp() where lifted_at = 'infinity'`);
  for (const pauseSeconds of [0, 0.1]) {
    await session.query('select pg_sleep($1)', [pauseSeconds]);
    await session.query(`${END_CLIENT_SESSIONS} and a.backend_start < (select lifted_at from bluegreen.run)`, [
      RUN_APPLICATION_NAME,
    ]);
  }
}

/** `infinity` until the transaction is known to be committed: sessions that begin meanwhile are read-only, too. */
async function lift(session: Session): Promise<void> {
  await session.query(PASS);
  await session.query(setReadOnly(await databaseIdentifier(session), undefined));
  await session.query(`update bluegreen.run set lifted_at = 'infinity'`);
}

function setReadOnly(database: string, value: 'on' | undefined): string {
  return value
    ? `alter database ${database} set default_transaction_read_only = ${value}`
    : `alter database ${database} reset default_transaction_read_only`;
}

/** The database's name quoted by the server: ALTER DATABASE takes no parameter. */
async function databaseIdentifier(session: Session): Promise<string> {
  const [row] = await session.query<{ name: string }>('select quote_ident(current_database()) as name');
  return row?.name ?? '';
}
