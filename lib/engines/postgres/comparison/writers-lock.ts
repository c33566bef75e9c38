/**
 * A lock on all followed tables that keeps writers out for a moment: in which order it is taken, how patiently, and who
 * holds it up.
 *
 * A writer that has one table and wants another that is locked already is never done: both wait, until this gives way.
 * Applications take their tables in an order of their own, mostly always in the same. So the table that had to be waited
 * for comes first at the next try, until the order is the application's, and all that is waited for are transactions
 * that come to their end.
 */
import { type DatabaseError, escapeIdentifier, escapeLiteral } from 'pg';
import { DatabaseRefused, TemporarilyUnavailable } from '../../../core/errors';
import type { Session } from '../session/session';

/** Before giving up until later: writers are let go in between. */
const TRIES = 8;
/** The first are less patient: they only find out the order, and writers wait meanwhile. */
const PATIENT_FROM = 4;
/** Writers go on for so many times as long as they have just waited, on average. */
const REST = 4;

/** A lock no writer waits for comes first: with it autovacuum, which the server ends for it after a second, is out of the way. */
const AUTOVACUUM_PATIENCE_MS = 3_000;
/** Nobody may hold production up whose client is gone. */
const ALONE_MS = 2_000;

const TABLES = 'select schema, name from bluegreen.published order by schema, name';

/** SQLSTATE of our own: a table was not to be had in time; its name comes as the error's detail. */
const HELD = 'BG002';

/** As many may be named. */
const NAMED = 3;

/** One statement, because writers wait for every message. */
const lockAll = (tables: readonly Table[], { eachMs, allMs }: { eachMs: number; allMs: number }) => `
  do $lock$
  declare began timestamptz := clock_timestamp(); wanted record; rest int; holders text;
  begin
    for wanted in select * from jsonb_to_recordset(${escapeLiteral(JSON.stringify(tables))}::jsonb) as t (schema text, name text) loop
      rest := least(${eachMs}, ${allMs} - extract(epoch from clock_timestamp() - began) * 1000);
      if rest < 1 then
        raise lock_not_available;
      end if;
      perform set_config('lock_timeout', rest || 'ms', true);
      execute format('lock table only %I.%I in share mode', wanted.schema, wanted.name);
    end loop;
  exception when lock_not_available or deadlock_detected then
    select string_agg(format('process %s (application "%s", user "%s")', pid, application_name, usename), ', ') into holders
      from (select distinct pid, application_name, usename from pg_locks l join pg_stat_activity a using (pid)
             where l.relation = to_regclass(format('%I.%I', wanted.schema, wanted.name)) and l.granted and pid <> pg_backend_pid()
               and l.database = (select oid from pg_database where datname = current_database())
               and l.mode not in ('AccessShareLock', 'RowShareLock', 'ShareLock') limit ${NAMED}) holding;
    raise exception 'table %.% was being written to all the time%', wanted.schema, wanted.name, coalesce(', now by ' || holders, '')
      using errcode = '${HELD}', detail = jsonb_build_object('schema', wanted.schema, 'name', wanted.name)::text;
  end $lock$`;

interface Table {
  readonly schema: string;
  readonly name: string;
}

/**
 * Runs `work` in a transaction of `locker` that keeps writers out.
 *
 * @returns what it gives, and for how many milliseconds writers had to wait, all tries together
 * @throws TemporarilyUnavailable with who holds it up
 */
export async function withoutWriters<Result>(
  locker: Session,
  lockTimeoutMs: number,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly waitedMs: number }> {
  let tables = await locker.query<Table>(TABLES);
  let waitedMs = 0;
  for (let attempt = 1; ; attempt += 1) {
    const patienceMs = Math.ceil(lockTimeoutMs * Math.min(1, attempt / PATIENT_FROM));
    let began = performance.now();
    try {
      const result = await locker.transaction(async () => {
        await locker.query(
          `select set_config('lock_timeout', '${AUTOVACUUM_PATIENCE_MS}ms', true), set_config('statement_timeout', '${AUTOVACUUM_PATIENCE_MS}ms', true),
                  set_config('idle_in_transaction_session_timeout', '${ALONE_MS}ms', true)`,
        );
        if (tables.length > 0) {
          await locker.query(`lock table ${tables.map(only).join(', ')} in share update exclusive mode`);
        }
        began = performance.now();
        await locker.query(lockAll(tables, { eachMs: patienceMs, allMs: lockTimeoutMs }));
        return work();
      });
      return { result, waitedMs: waitedMs + performance.now() - began };
    } catch (error) {
      waitedMs += performance.now() - began;
      const first = heldTable(error);
      if (!first || attempt === TRIES) {
        throw inWords(error, lockTimeoutMs);
      }
      tables = [first, ...tables.filter(({ schema, name }) => schema !== first.schema || name !== first.name)];
      await locker.query(`select pg_sleep(${(2 * REST * patienceMs) / 1000} * random())`);
    }
  }
}

function only({ schema, name }: Table): string {
  return `only ${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}

/** The table that was not to be had, if that is what happened. */
function heldTable(error: unknown): Table | undefined {
  const { detail } =
    (error instanceof DatabaseRefused && error.sqlState === HELD && (error.cause as DatabaseError)) || {};
  return detail === undefined ? undefined : (JSON.parse(detail) as Table);
}

/** SQLSTATE of a statement that took longer than it may. */
const CANCELED = '57014';

function inWords(error: unknown, lockTimeoutMs: number): unknown {
  if (!(error instanceof DatabaseRefused) || ![HELD, CANCELED].includes(error.sqlState)) {
    return error;
  }
  const remedy = `shorter or fewer transactions on it help, or a larger validation.lockTimeoutMs, which is ${lockTimeoutMs}`;
  return new TemporarilyUnavailable('a moment without writers', {
    cause: new Error(`${(error.cause as Error).message}; ${remedy}`),
  });
}
