/** The sessions of clients: ended so that they are made anew, with the settings and at the address of then. */
import { TemporarilyUnavailable } from '../../../core/errors';
import { RUN_APPLICATION_NAME, type Session } from '../session/session';

/** A session that does not end is waited for no longer than this. */
const PATIENCE_MS = 5_000;

/** Those of the run and of the server itself stay. May be narrowed down with "and …" about `a`, the session. */
export function endingClientSessions(spared = 0): string {
  return `
    select a.pid, pg_terminate_backend(a.pid) from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
     where a.datname = current_database() and a.backend_type = 'client backend' and a.pid not in (pg_backend_pid(), ${spared})
       and not r.rolsuper and not (a.usename = current_user and a.application_name like '${RUN_APPLICATION_NAME}%')`;
}

/** Sessions that have begun, may have read the database's settings already, and are not listed yet: they hold this lock until they are. */
export const BEGINNING = `
  select pid from pg_locks where locktype = 'object' and classid = 'pg_database'::regclass and granted and mode = 'RowExclusiveLock'
     and objid = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()`;

/** Of `$1`, or of now. */
export const MOMENT = `select set_config('bluegreen.moment', coalesce($1, clock_timestamp())::text, false)`;
/** Those of now begin later. */
export const OLDER = `${endingClientSessions()} and a.backend_start < current_setting('bluegreen.moment')::timestamptz`;

interface Process {
  readonly pid: number;
}

/**
 * Resolves when they are gone: whatever they were about to commit is committed or undone, unless it was prepared.
 *
 * @throws TemporarilyUnavailable when one of them does not end
 */
export async function endClientSessions(session: Session): Promise<void> {
  const began = performance.now();
  // whoever comes later meets the settings of now
  const look = () => Promise.all([session.planned<Process>(BEGINNING), session.planned<Process>(OLDER)]);
  let [, [beginning, listed]] = await Promise.all([session.planned(MOMENT, [null]), look()]);
  const begun = new Set(beginning.map(({ pid }) => pid));
  for (;;) {
    const [found] = [...beginning.filter(({ pid }) => begun.has(pid)), ...listed];
    if (!found) {
      return;
    }
    if (performance.now() - began > PATIENCE_MS) {
      throw new TemporarilyUnavailable('the end of the sessions of clients', {
        cause: new Error(`process ${found.pid} does not end`),
      });
    }
    [beginning, listed] = await look();
  }
}

/**
 * A session made before the database was let go stays read-only as long as it lives. Called again it ends no session
 * that is newer. The second round finds those that had read the old setting, but were not listed yet, in the first.
 */
export async function endReadOnlySessions(session: Session): Promise<void> {
  const [row] = await session.query<{ lifted: boolean }>('select lifted_at is not null as lifted from bluegreen.run');
  if (!row?.lifted) {
    return; // it never was read-only by default
  }
  await session.query(`update bluegreen.run set lifted_at = clock_timestamp() where lifted_at = 'infinity'`);
  for (const pauseSeconds of [0, 0.1]) {
    await session.query('select pg_sleep($1)', [pauseSeconds]);
    await session.query(`${endingClientSessions()} and a.backend_start < (select lifted_at from bluegreen.run)`);
  }
}
