/** Transactions that have been open for long, and prepared ones: what waits for all of them waits for these. */
import { RUN_APPLICATION_NAME, type Session } from '../session/session';

/** In words, with what would end it. */
export interface LongTransaction {
  readonly what: string;
  readonly remedy: string;
}

interface OpenRow {
  pid: number;
  application: string;
  username: string;
  database: string;
  since: string;
}

const SINCE = `'YYYY-MM-DD HH24:MI:SS "UTC"'`;

/** What the server does for itself, and the run, has no part in it. */
const OPEN = `
  select pid, application_name as application, usename as username, datname as database, to_char(xact_start at time zone 'UTC', ${SINCE}) as since
    from pg_stat_activity
   where xact_start < clock_timestamp() - make_interval(secs => $1) and pid <> pg_backend_pid()
     and backend_type not in ('autovacuum worker', 'parallel worker', 'walsender', 'logical replication worker',
                              'logical replication apply worker', 'logical replication parallel worker',
                              'logical replication tablesync worker')
     and application_name <> $2 and application_name not like $2 || ' %'`;

const PREPARED = `select gid, database, to_char(prepared at time zone 'UTC', ${SINCE}) as since from pg_prepared_xacts`;

/** @param ofAll those of every database of the server, else of this one */
export async function openTransactions(
  session: Session,
  { seconds, ofAll }: { seconds: number; ofAll: boolean },
): Promise<LongTransaction[]> {
  const rows = await session.planned<OpenRow>(
    `${OPEN} ${ofAll ? '' : 'and datname = current_database()'} order by xact_start`,
    [seconds, RUN_APPLICATION_NAME],
  );
  return rows.map(({ pid, application, username, database, since }) => ({
    what: `the transaction of process ${pid} (application "${application}", user "${username}", database "${database}"), open since ${since}`,
    remedy: `end it, or SELECT pg_terminate_backend(${pid})`,
  }));
}

interface PreparedRow {
  gid: string;
  database: string;
  since: string;
}

/** @param where a condition on pg_prepared_xacts */
export async function preparedTransactions(session: Session, where: string): Promise<LongTransaction[]> {
  const rows = await session.planned<PreparedRow>(`${PREPARED} where ${where} order by prepared`);
  return rows.map(({ gid, database, since }) => ({
    what: `the prepared transaction "${gid}" of database "${database}", prepared at ${since}`,
    remedy: 'commit or roll it back',
  }));
}

/** Those of this database that have been open for longer than `seconds`, and all it has prepared, in words. */
export async function longTransactions(session: Session, seconds: number): Promise<string[]> {
  const found = await Promise.all([
    openTransactions(session, { seconds, ofAll: false }),
    preparedTransactions(session, 'database = current_database()'),
  ]);
  return found.flat().map(({ what }) => what);
}
