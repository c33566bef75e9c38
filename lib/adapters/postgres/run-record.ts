/** The run's record: one row in `bluegreen.run`. On blue it is the lock; the copy green inherits says whether green was opened or abandoned. */
import { RunLocked } from '../../core/errors';
import type { RunRecord } from '../../ports/database';
import type { Session } from './session';

/** Serializes everybody who creates or removes the record. */
const LOCK_KEY = `hashtext('bluegreen.run')`;

interface RecordRow {
  run_id: string;
  since: Date;
  freeze_id: string | null;
  frozen_until: Date | null;
  green_state: RunRecord['greenState'];
}

export async function readRecord(session: Session): Promise<RunRecord | undefined> {
  const [exists] = await session.query<{ found: boolean }>(`select to_regclass('bluegreen.run') is not null as found`);
  if (!exists?.found) {
    return undefined;
  }
  const [row] = await session.query<RecordRow>(
    'select run_id, since, freeze_id, frozen_until, green_state from bluegreen.run',
  );
  return (
    row && {
      runId: row.run_id,
      since: row.since.toISOString(),
      ...(row.freeze_id !== null &&
        row.frozen_until !== null && { freeze: { id: row.freeze_id, until: row.frozen_until } }),
      greenState: row.green_state,
    }
  );
}

export async function takeLock(session: Session, runId: string, planName: string): Promise<void> {
  await session.transaction(async () => {
    await session.query(`select pg_advisory_xact_lock(${LOCK_KEY})`);
    await session.query('create schema if not exists bluegreen');
    await session.query(`create table if not exists bluegreen.run (
      singleton boolean primary key default true check (singleton),
      run_id text not null,
      plan text not null,
      since timestamptz not null default now(),
      freeze_id uuid,
      frozen_until timestamptz,
      fenced boolean not null default false,
      lifted_at timestamptz,
      green_state text not null default 'closed' check (green_state in ('closed', 'abandoned', 'open')))`);
    await session.query('insert into bluegreen.run (run_id, plan) values ($1, $2) on conflict do nothing', [
      runId,
      planName,
    ]);
  });
  const record = await readRecord(session);
  if (record?.runId !== runId) {
    throw new RunLocked(record?.runId ?? 'unknown', record?.since ?? 'unknown');
  }
}

/** Removes the record of this run, and the schema if nothing else (the ledger) lives in it. */
export async function removeRecord(session: Session, runId: string): Promise<void> {
  await session.transaction(async () => {
    await session.query(`select pg_advisory_xact_lock(${LOCK_KEY})`);
    const record = await readRecord(session);
    if (record && record.runId !== runId) {
      return;
    }
    await session.query('drop table if exists bluegreen.run');
    const [rest] = await session.query<{ found: boolean }>(
      `select exists (select from pg_class where relnamespace = to_regnamespace('bluegreen'))
           or exists (select from pg_proc where pronamespace = to_regnamespace('bluegreen')) as found`,
    );
    if (!rest?.found) {
      await session.query('drop schema if exists bluegreen');
    }
  });
}

/** Closes green for good unless it is open. */
export async function abandonGreen(session: Session, runId: string): Promise<'abandoned' | 'open' | 'no-record'> {
  if (!(await readRecord(session))) {
    return 'no-record';
  }
  await session.query(
    `update bluegreen.run set green_state = 'abandoned' where run_id = $1 and green_state = 'closed'`,
    [runId],
  );
  const record = await readRecord(session);
  if (record?.runId !== runId) {
    return 'no-record';
  }
  return record.greenState === 'open' ? 'open' : 'abandoned';
}
