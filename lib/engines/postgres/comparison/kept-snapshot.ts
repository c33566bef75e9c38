/** An exported snapshot that outlives whoever took it: its session goes on by itself, asleep on the server, until its time is over. */
import type { Client } from 'pg';
import { DatabaseRefused, TemporarilyUnavailable } from '../../../core/errors';
import { RUN_APPLICATION_NAME, Session, type SessionOptions } from '../session/session';

const NAME = `${RUN_APPLICATION_NAME} moment`;
const PATIENCE_MS = 10_000;

export class SnapshotKeeper {
  private readonly session: Session;

  constructor(options: SessionOptions) {
    this.session = new Session({ ...options, applicationName: NAME });
  }

  /** Connects, so that taking the snapshot later is one message. */
  async begin(): Promise<void> {
    await this.session.holdSnapshot();
  }

  /** Takes the snapshot. @returns the name by which others read what it sees */
  async take(): Promise<string> {
    const [row] = await this.session.query<{ snapshot: string }>('select pg_export_snapshot() as snapshot');
    return row?.snapshot ?? '';
  }

  /** Leaves the session alone for so long at most. @param observer another session of the same database */
  async leave(seconds: number, observer: Session): Promise<void> {
    const client = (await this.session.connected()) as Client & { connection: { stream: { destroy(): void } } };
    const processId = await this.session.processId();
    client.query(`select pg_sleep(${Math.ceil(seconds)})`).catch(() => undefined); // nobody is there for its answer
    await untilAsleep(observer, processId);
    client.connection.stream.destroy();
  }

  close(): Promise<void> {
    return this.session.close();
  }
}

async function untilAsleep(observer: Session, processId: number | undefined): Promise<void> {
  const began = performance.now();
  for (;;) {
    const [asleep] = await observer.query(
      `select pg_sleep(0.001) from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'`,
      [processId],
    );
    if (asleep) {
      return;
    }
    if (performance.now() - began > PATIENCE_MS) {
      throw new TemporarilyUnavailable('a session that keeps a snapshot', {
        cause: new Error(`process ${processId} did not come to rest within ${PATIENCE_MS / 1000} s`),
      });
    }
  }
}

export async function keepsSnapshot(session: Session): Promise<boolean> {
  const kept = await session.query(
    `select from pg_stat_activity where datname = current_database() and application_name = $1 and wait_event = 'PgSleep'`,
    [NAME],
  );
  return kept.length > 0;
}

/** Ends the sessions that keep snapshots of this database, and waits until they are gone. */
export async function endKeptSnapshots(session: Session): Promise<void> {
  const began = performance.now();
  for (;;) {
    const [kept] = await session.query<{ pid: number }>(
      `select pid, pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = $1`,
      [NAME],
    );
    if (!kept) {
      return;
    }
    if (performance.now() - began > PATIENCE_MS) {
      throw new TemporarilyUnavailable('the end of a session that keeps a snapshot', {
        cause: new Error(`process ${kept.pid} does not end`),
      });
    }
    await session.query('select pg_sleep(0.002)');
  }
}

/** SQLSTATEs with which the server says that nobody keeps the snapshot any more. */
const GONE = /^(22023|42704|55000|58P01|72000)$/;

/** @returns false when the snapshot is gone; it never comes back */
export async function readAt(session: Session, snapshot: string): Promise<boolean> {
  if (!/^[0-9A-F]+-[0-9A-F]+-\d+$/.test(snapshot)) {
    return false;
  }
  await session.holdSnapshot();
  try {
    await session.query(`set transaction snapshot '${snapshot}'`);
    return true;
  } catch (error) {
    if (error instanceof DatabaseRefused && GONE.test(error.sqlState)) {
      return false;
    }
    throw error;
  }
}
