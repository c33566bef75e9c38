/** A fresh copy of blue, made fit to follow it. */
import { FreezeFailed } from '../../../core/errors';
import { CHANNEL_NAMES } from '../../../core/identifiers';
import { keepSeed, readRecord } from '../run-record/run-record';
import type { Session } from '../session/session';
import { armAtOnce, closeFence } from '../write-gate/fence';
import { pauseJobs } from '../write-gate/jobs';
import { createHold } from './marker';
import { readSeed } from './seed';

/**
 * The seed first: a restart may make the server forget it, and nothing that comes later needs to be undone.
 *
 * @returns the seed; undefined when this copy does not know where it begins
 */
export async function adopt(session: Session, runId: string): Promise<string | undefined> {
  const record = await readRecord(session);
  if (record?.runId !== runId) {
    throw new FreezeFailed(`the copy carries no record of run "${runId}"`);
  }
  if (record.begun) {
    return record.seed; // what it has of slots and publications is its own by now
  }
  if (record.seed === undefined) {
    const seed = await readSeed(session);
    if (seed === undefined) {
      return undefined;
    }
    await keepSeed(session, seed);
  }
  await closeFence(session);
  await armAtOnce(session);
  await pauseJobs(session);
  await createHold(session);
  await discardCopies(session);
  return (await readRecord(session))?.seed;
}

/** A copy carries blue's slots and publications; its slots would keep WAL for nobody. */
async function discardCopies(session: Session): Promise<void> {
  await session.query(
    `select pg_drop_replication_slot(slot_name) from pg_replication_slots
      where slot_type = 'logical' and not active and database = current_database() and slot_name ~ $1`,
    [CHANNEL_NAMES],
  );
  await session.query(`
    do $copies$
    declare channel name;
    begin
      for channel in select pubname from pg_publication where pubname ~ '${CHANNEL_NAMES}' loop
        execute format('drop publication %I', channel);
      end loop;
    end $copies$`);
}
