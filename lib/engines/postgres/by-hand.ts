/** What a human does with psql where a run could not. */
import type { DatabaseByHand } from '../../core/by-hand';
import { CHANNEL_NAMES } from '../../core/identifiers';

const WRITABLE = '-c "set default_transaction_read_only = off"';
/** psql's own way to run what a query returns. */
const DROP_CHANNELS =
  `-c "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name ~ '${CHANNEL_NAMES}' and active" ` +
  `-c "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name ~ '${CHANNEL_NAMES}' and database = current_database()"`;

export const POSTGRES_BY_HAND: DatabaseByHand = {
  closeGreen: (on, database) =>
    `${psql(on, database)} ${WRITABLE} -c "update bluegreen.run set green_state = 'abandoned' where green_state = 'closed'" -c "select run_id, green_state from bluegreen.run"`,
  giveBack: (on, database) =>
    `${psql(on, database)} ${WRITABLE} -c "alter database \\"${database.replaceAll('"', '""')}\\" reset default_transaction_read_only" -c "drop function if exists bluegreen.refuse_write() cascade" -c "drop table if exists bluegreen.run, bluegreen.marker, bluegreen.published, bluegreen.paused_job"`,
  endFollowing: (on, database, { forward, back, rows }) =>
    `${psql(on, database)} ${WRITABLE} ${dropSubscription(back)} ${DROP_CHANNELS} ${dropPublications(forward, rows)}`,
  giveUpWayBack: (on, database, { back, rows }) =>
    `${psql(on, database)} ${DROP_CHANNELS} ${dropPublications(back, rows)}`,
  removeRecord: (on, database) =>
    `${psql(on, database)} -c "drop function if exists bluegreen.refuse_write() cascade" -c "drop table if exists bluegreen.run, bluegreen.marker, bluegreen.published, bluegreen.paused_job, bluegreen.change_attempt"`,
};

function psql(on: string, database: string): string {
  return `psql "host=<address of ${on}> dbname=${database}"`;
}

/** Fails where there is none, and psql goes on with the next. */
function dropSubscription(name: string): string {
  return `-c "alter subscription ${name} disable" -c "alter subscription ${name} set (slot_name = none)" -c "drop subscription if exists ${name}"`;
}

function dropPublications(...names: readonly string[]): string {
  return names.map((name) => `-c "drop publication if exists ${name}"`).join(' ');
}
