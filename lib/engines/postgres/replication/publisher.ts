/** The side that is followed: a publication of its tables and a slot that keeps its WAL. */
import { escapeIdentifier } from 'pg';
import { DatabaseRefused } from '../../../core/errors';
import type { SlotState } from '../../../ports/replication';
import { beginLineage, readRecord } from '../run-record/run-record';
import type { Session } from '../session/session';
import { createMarker } from './marker';
import { type PublishedTable, rememberTables } from './published-tables';

/** Making a slot waits for every transaction that is running; production notices nothing, but a function must end. */
const SLOT_PATIENCE = '30s';

/** SQLSTATE of a statement that took longer than it may. */
const CANCELED = '57014';

/**
 * Publication first, slot second: the other way round the slot would decode changes nobody published. A new slot begins a
 * new lineage, since a copy made before it misses what was written in between.
 *
 * @returns false when the slot has to wait for transactions that are running
 */
export async function publish(session: Session, runId: string, channel: string): Promise<boolean> {
  const record = await readRecord(session);
  const slot = await slotState(session, channel);
  if (slot && record?.lineage !== undefined) {
    return true;
  }
  await session.transaction(async () => {
    await createMarker(session);
    if (!(await hasPublication(session, channel))) {
      await createPublication(session, channel, await rememberTables(session));
    }
  });
  if (!(await createSlot(session, channel))) {
    return false;
  }
  await beginLineage(session, runId);
  return true;
}

/** @returns as {@link publish} */
export async function publishColumns(
  session: Session,
  channel: string,
  tables: readonly PublishedTable[],
): Promise<boolean> {
  if (!(await hasPublication(session, channel))) {
    await session.transaction(async () => {
      await rememberTables(session);
      await createPublication(session, channel, tables);
    });
  }
  return createSlot(session, channel);
}

/** Publishes exactly these columns of the tables that are published already, which a change has altered. */
export async function setPublishedColumns(
  session: Session,
  channel: string,
  tables: readonly PublishedTable[],
): Promise<void> {
  await session.transaction(async () => {
    await rememberTables(session);
    await session.query(`alter publication ${escapeIdentifier(channel)} set table ${tableList(tables)}`);
  });
}

export async function hasPublication(session: Session, channel: string): Promise<boolean> {
  return (await session.query('select from pg_publication where pubname = $1', [channel])).length > 0;
}

async function createPublication(session: Session, channel: string, tables: readonly PublishedTable[]): Promise<void> {
  await session.query(`create publication ${escapeIdentifier(channel)} for table ${tableList(tables)}`);
}

function tableList(tables: readonly PublishedTable[]): string {
  return [{ schema: 'bluegreen', name: 'marker' }, ...tables].map(published).join(', ');
}

function published({ schema, name, columns }: PublishedTable): string {
  const table = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
  return columns ? `only ${table} (${columns.map(escapeIdentifier).join(', ')})` : `only ${table}`;
}

/** @returns false when transactions that began before are still running */
export async function createSlot(session: Session, channel: string): Promise<boolean> {
  if (await slotState(session, channel)) {
    return true;
  }
  await session.query(`set statement_timeout = '${SLOT_PATIENCE}'`);
  try {
    await session.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [channel]);
    return true;
  } catch (error) {
    if (error instanceof DatabaseRefused && error.sqlState === CANCELED) {
      return false; // the server removes the half-made slot itself
    }
    throw error;
  } finally {
    await session.query('set statement_timeout = 0').catch(() => undefined); // a connection that broke has nothing to reset
  }
}

interface SlotRow {
  active: boolean;
  lost: boolean;
  lag_bytes: number;
  kept_bytes: number;
}

export async function slotState(session: Session, channel: string): Promise<SlotState | undefined> {
  const [slot] = await session.query<SlotRow>(
    `select active, coalesce(wal_status = 'lost', false) or restart_lsn is null as lost,
            (pg_current_wal_lsn() - confirmed_flush_lsn)::float8 as lag_bytes,
            (pg_current_wal_lsn() - restart_lsn)::float8 as kept_bytes
       from pg_replication_slots where slot_name = $1 and database = current_database()`,
    [channel],
  );
  return (
    slot && {
      active: slot.active,
      lost: slot.lost,
      lagBytes: slot.lag_bytes ?? 0,
      keptBytes: slot.kept_bytes ?? 0,
    }
  );
}

/** Whether the position lies in what the slot still has, and in what this side has written. */
export async function slotCovers(session: Session, channel: string, position: string): Promise<boolean> {
  const [row] = await session.query<{ covered: boolean }>(
    `select confirmed_flush_lsn <= $2::pg_lsn and $2::pg_lsn <= pg_current_wal_flush_lsn() as covered
       from pg_replication_slots where slot_name = $1`,
    [channel, position],
  );
  return row?.covered === true;
}

/** Where what was committed so far ends. */
export async function endOfWritten(session: Session): Promise<string> {
  const [row] = await session.query<{ position: string }>('select pg_current_wal_flush_lsn()::text as position');
  return row?.position ?? '';
}

/**
 * Lets the slot forget everything written so far, so that whoever begins to read it need not wait until it is decoded.
 *
 * A server that crashes has forgotten this itself, unless a checkpoint has passed (PostgreSQL manual, "Replication
 * Management Functions", `pg_replication_slot_advance`): what must not be sent has to be passed over by whoever reads.
 */
export async function advanceSlot(session: Session, channel: string): Promise<void> {
  await endReader(session, channel);
  await session.query('select pg_replication_slot_advance($1, pg_current_wal_flush_lsn())', [channel]);
}

async function endReader(session: Session, channel: string): Promise<void> {
  await session.query(
    `select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where slot_name = $1 and active_pid is not null`,
    [channel],
  );
}

/** Removes slot and publication, whoever is connected to the slot. */
export async function closeChannel(session: Session, channel: string): Promise<void> {
  await endReader(session, channel);
  await session.query(`select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1`, [
    channel,
  ]);
  await session.query(`drop publication if exists ${escapeIdentifier(channel)}`);
}
