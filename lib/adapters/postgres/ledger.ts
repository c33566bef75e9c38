/** The ledger: which changes the database has, in a table that travels with it; and applying one, together with its entry. */
import type { Client } from 'pg';
import { DatabaseError } from 'pg';
import type { Change, LedgerEntry } from '../../core/changes';
import { ChangeFailed, TemporarilyUnavailable } from '../../core/errors';
import { RUN_APPLICATION_NAME, Session, type SessionOptions } from './session';
import { locate } from './statement-location';

export async function readLedger(session: Session): Promise<LedgerEntry[]> {
  const [exists] = await session.query<{ found: boolean }>(
    `select to_regclass('bluegreen.change') is not null as found`,
  );
  return exists?.found
    ? session.query<LedgerEntry>(
        'select number::float8 as number, file, sha256, chain from bluegreen.change order by applied_at, number',
      )
    : [];
}

/** The name of the session that applies a run's changes: how a later invocation sees that one is still running. */
function changeSessionName(runId: string): string {
  return `${RUN_APPLICATION_NAME} change ${runId}`.slice(0, 63);
}

export async function changeRunning(session: Session, runId: string): Promise<boolean> {
  const rows = await session.query(
    `select pid from pg_stat_activity where application_name = $1 and state <> 'idle' and datname = current_database()`,
    [changeSessionName(runId)],
  );
  return rows.length > 0;
}

/**
 * Sends the change and its ledger entry as one message, so that the server finishes and commits (or undoes) both even
 * when this client is gone. A session of its own: what a change sets in its session must not reach the next.
 */
export async function applyChange(
  session: Session,
  options: SessionOptions,
  runId: string,
  change: Change,
  chain: string,
): Promise<void> {
  await session.query('create schema if not exists bluegreen');
  await session.query(`create table if not exists bluegreen.change (
    number bigint primary key, file text not null, sha256 text not null, chain text not null,
    run_id text not null, applied_at timestamptz not null default clock_timestamp())`);
  const own = new Session({ ...options, applicationName: changeSessionName(runId) });
  try {
    await own.query(`select set_config('bluegreen.run_id', $1, false)`, [runId]);
    await own.query('set lock_timeout = 0'); // green is exclusive: whoever holds a lock there is worth waiting for
    await send(await own.connected(), runId, change, chain);
  } finally {
    await own.close();
  }
}

async function send(client: Client, runId: string, change: Change, chain: string): Promise<void> {
  const entry = [change.file, change.sha256, chain, runId].map((text) => client.escapeLiteral(text)).join(', ');
  const prefix = 'begin;\n';
  const suffix = `\n;insert into bluegreen.change (number, file, sha256, chain, run_id) values (${change.number}, ${entry});\ncommit`;
  let completed = -1; // the first completion is that of `begin`
  const count = () => {
    completed += 1;
  };
  // The simple protocol answers each statement by itself, but the driver returns all of them or none: count them here.
  const { connection } = client as Client & { connection: NodeJS.EventEmitter };
  connection.on('commandComplete', count);
  try {
    await client.query(prefix + change.sql + suffix);
  } catch (error) {
    if (error instanceof DatabaseError && error.code !== undefined && !/^(08|57P)/.test(error.code)) {
      throw new ChangeFailed(locate(change, completed, error, prefix.length), { cause: error });
    }
    throw new TemporarilyUnavailable('the connection that applies a change', { cause: error });
  } finally {
    connection.off('commandComplete', count);
  }
}
