/** The run's record: one row in `bluegreen.run`. On blue it is the lock; the copy green inherits says whether green was opened or abandoned. */
import { RunLocked } from '../../../core/errors';
import type { RunRecord } from '../../../ports/database';
import { forgetMoment } from '../comparison/compared-ranges';
import type { Session } from '../session/session';
import { makeFence } from '../write-gate/fence';
import { claimSchema, dropEmptySchema, dropTables, isFunctionThere, isThere, makeTable } from './own-schema';

/** Serializes everybody who creates or removes the record. */
const LOCK_KEY = `hashtext('bluegreen.run')`;

interface RecordRow {
  run_id: string;
  since: Date;
  lineage: string | null;
  seed: string | null;
  begun: boolean;
  freeze_id: string | null;
  frozen_until: Date | null;
  handed_over: boolean;
  freezes: number;
  green_state: RunRecord['greenState'];
}

export async function readRecord(session: Session): Promise<RunRecord | undefined> {
  if (!(await isThere(session, 'run'))) {
    return undefined;
  }
  const [row] = await session.query<RecordRow>(
    'select run_id, since, lineage, seed, begun, freeze_id, frozen_until, handed_over, freezes, green_state from bluegreen.run',
  );
  return (
    row && {
      runId: row.run_id,
      since: row.since.toISOString(),
      ...(row.lineage !== null && { lineage: row.lineage }),
      ...(row.seed !== null && { seed: row.seed }),
      begun: row.begun,
      ...(row.freeze_id !== null &&
        row.frozen_until !== null && {
          freeze: { id: row.freeze_id, until: row.frozen_until, handedOver: row.handed_over },
        }),
      freezes: row.freezes,
      greenState: row.green_state,
    }
  );
}

export async function takeLock(session: Session, runId: string, planName: string): Promise<void> {
  await session.transaction(async () => {
    await session.query(`select pg_advisory_xact_lock(${LOCK_KEY})`);
    await claimSchema(session);
    await makeTable(
      session,
      'run',
      `
      singleton boolean primary key default true check (singleton),
      run_id text not null,
      plan text not null,
      since timestamptz not null default now(),
      lineage uuid,
      seed pg_lsn,
      begun boolean not null default false,
      passed_over pg_lsn,
      freeze_id uuid,
      frozen_until timestamptz,
      fenced boolean not null default false,
      handed_over boolean not null default false,
      lifted_at timestamptz,
      freezes integer not null default 0,
      green_state text not null default 'closed'
        check (green_state in ('closed', 'abandoned', 'open', 'failing-back', 'retiring'))`,
    );
    await makeFence(session);
    await session.query('insert into bluegreen.run (run_id, plan) values ($1, $2) on conflict do nothing', [
      runId,
      planName,
    ]);
    await session.query('update bluegreen.run set freezes = 0 where run_id = $1', [runId]);
  });
  const record = await readRecord(session);
  if (record?.runId !== runId) {
    throw new RunLocked(record?.runId ?? 'unknown', record?.since ?? 'unknown');
  }
}

/** Removes the record of this run and what else it keeps, and the schema if nothing else (the ledger) lives in it. */
export async function removeRecord(session: Session, runId: string): Promise<void> {
  await session.transaction(async () => {
    await session.query(`select pg_advisory_xact_lock(${LOCK_KEY})`);
    const record = await readRecord(session);
    if (record && record.runId !== runId) {
      return;
    }
    await dropTables(session, ['run', 'marker', 'published', 'paused_job', 'change_attempt']);
    await forgetMoment(session);
    if (await isFunctionThere(session, 'hold_at_marker')) {
      await session.query('drop function bluegreen.hold_at_marker()');
    }
    await dropEmptySchema(session);
  });
}

/** Closes green for good unless it was opened. */
export async function abandonGreen(
  session: Session,
  runId: string,
): Promise<Exclude<RunRecord['greenState'], 'closed'> | 'no-record'> {
  if (!(await readRecord(session))) {
    return 'no-record';
  }
  await session.query(
    `update bluegreen.run set green_state = 'abandoned' where run_id = $1 and green_state = 'closed'`,
    [runId],
  );
  const record = await readRecord(session);
  if (record?.runId !== runId || record.greenState === 'closed') {
    return 'no-record';
  }
  return record.greenState;
}

/** Moves green's state from one of `from` to `to`; the row's lock makes sure that of two movers one comes second. A new state begins with no freeze. */
export async function moveGreen(
  session: Session,
  runId: string,
  from: readonly RunRecord['greenState'][],
  to: RunRecord['greenState'],
): Promise<boolean> {
  const rows = await session.query(
    `update bluegreen.run set green_state = $3, freezes = case green_state when $3 then freezes else 0 end
      where run_id = $1 and green_state = any ($2) returning run_id`,
    [runId, [...from, to], to],
  );
  return rows.length > 0;
}

/** Serializes the invocations that move the application; goes with the session. */
const CROSSING_KEY = `hashtext('bluegreen.crossing')`;

/** @returns false when another session has it */
export async function claimCrossing(session: Session, evenIfHeld: boolean): Promise<boolean> {
  if (evenIfHeld) {
    await session.query(
      `select pg_terminate_backend(pid, 2000) from pg_locks
        where locktype = 'advisory' and granted and pid <> pg_backend_pid()
          and database = (select oid from pg_database where datname = current_database())
          and (classid::bigint << 32 | objid::bigint) = ${CROSSING_KEY}::bigint & x'ffffffffffffffff'::bigint`,
    );
  }
  const [row] = await session.query<{ claimed: boolean }>(`select pg_try_advisory_lock(${CROSSING_KEY}) as claimed`);
  return row?.claimed === true;
}

/** Begins a new lineage: what was copied before it is stale. */
export async function beginLineage(session: Session, runId: string): Promise<void> {
  await session.query('update bluegreen.run set lineage = gen_random_uuid() where run_id = $1', [runId]);
}

export async function keepSeed(session: Session, seed: string): Promise<void> {
  await session.query('update bluegreen.run set seed = coalesce(seed, $1::pg_lsn)', [seed]);
}
