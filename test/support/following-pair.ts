/** Two databases of one server of which one follows the other, set up by the product's own code as a run does it. */

import { channelName } from '../../lib/core/identifiers';
import type { PostgresDatabase } from '../../lib/engines/postgres/postgres-database';
import type { PostgresFixture, TestDatabase } from './postgres-fixture';

export const PAIR_RUN = 'run-1';

/** What a server needs for it. */
export const LOGICAL = { wal_level: 'logical' };

export interface FollowingPair {
  readonly blue: TestDatabase;
  readonly green: TestDatabase;
  readonly onBlue: PostgresDatabase;
  readonly onGreen: PostgresDatabase;
  readonly channel: string;
  /** Resolves when everything blue has now is on green. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

export async function followingPair(fixture: PostgresFixture, seed: string): Promise<FollowingPair> {
  const blue = await fixture.database(seed);
  const channel = channelName('orders', PAIR_RUN, blue.name, 'forward');
  const preparing = blue.run();
  await preparing.takeLock(PAIR_RUN, 'orders');
  await preparing.publish(PAIR_RUN, channel);
  const green = await fixture.copyOf(blue);
  // a copy by template ends where the quiet original ends; green's own server would know from its recovery
  await green.query(
    `update bluegreen.run set seed = (select confirmed_flush_lsn from pg_replication_slots where slot_name = '${channel}')`,
  );
  const [onBlue, onGreen] = [blue.run(), green.run()];
  await onGreen.adopt(PAIR_RUN);
  const address = { host: '127.0.0.1', port: fixture.server.port };
  // not by `subscribe`, which subscribes to the database of the same name on another server
  await green.query(
    `create subscription ${channel} connection 'host=127.0.0.1 port=${address.port} dbname=${blue.name} user=rdsadmin password=not-a-secret application_name=${channel}'
       publication ${channel} with (copy_data = false, create_slot = false, enabled = false, slot_name = '${channel}', streaming = off)`,
  );
  await green.query(
    `select pg_replication_origin_advance('pg_' || oid, (select seed from bluegreen.run)) from pg_subscription where subname = '${channel}'`,
  );
  await green.query(`alter subscription ${channel} enable`);
  return {
    blue,
    green,
    onBlue,
    onGreen,
    channel,
    caughtUp: async () => {
      const { token } = await onBlue.writeMarker();
      expect(await onGreen.markerArrives(token, 20_000)).toBe(true);
    },
    close: async () => {
      await green.query(`alter subscription ${channel} disable`);
      await green.query(`alter subscription ${channel} set (slot_name = none)`);
      await green.query(`drop subscription ${channel}`);
      await left(blue, channel);
      await onBlue.closeChannel(channel);
      await blue.close();
      await green.close();
    },
  };
}

/** Ends whoever still reads from the slot: here it is the superuser, whom the run's user may not end. */
export async function left(followed: TestDatabase, channel: string): Promise<void> {
  await followed.query(
    `select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where slot_name = '${channel}' and active_pid is not null`,
  );
}
