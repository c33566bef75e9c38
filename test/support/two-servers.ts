/** A pair as a run has it: blue and green of the same name on servers of their own, of which green follows blue. */
import type { PostgresDatabase } from '../../lib/engines/postgres/postgres-database';
import { type FollowingPair, LOGICAL, left, PAIR_RUN } from './following-pair';
import { PostgresFixture, type TestDatabase } from './postgres-fixture';

const NAME = 'shop';
const COPIED = 'bluegreen_copied';

export interface ServedPair extends FollowingPair {
  /** As {@link caughtUp}, whichever side serves. */
  arrived(): Promise<void>;
  /** Ends green's following, publishes green and subscribes blue, which does not follow yet. */
  prepareBack(): Promise<void>;
  /** Lets blue follow green. */
  followBack(): Promise<void>;
}

export class TwoServers {
  private constructor(
    private readonly blue: PostgresFixture,
    private readonly green: PostgresFixture,
  ) {}

  static async start(major: number): Promise<TwoServers> {
    const [blue, green] = await Promise.all([1, 2].map(() => PostgresFixture.start({ major, settings: LOGICAL })));
    return new TwoServers(blue as PostgresFixture, green as PostgresFixture);
  }

  /** Nothing that was only in memory outlives it. */
  async crashGreen(): Promise<void> {
    await this.green.server.kill();
    await this.green.server.start(this.green.settings);
  }

  async close(): Promise<void> {
    await Promise.all([this.blue.close(), this.green.close()]);
  }

  /** @param seed gives the same rows whenever it runs: it runs on both @param change what only green gets */
  async pair(seed: string, change = ''): Promise<ServedPair> {
    const channel = `bluegreen_${NAME}`;
    const [blue, green] = await Promise.all([this.blue.database(seed, NAME), this.green.database(seed, NAME)]);
    const [onBlue, onGreen] = [blue.run(), green.run()];
    await onBlue.takeLock(PAIR_RUN, 'orders');
    await onBlue.publish(PAIR_RUN, channel);
    await onGreen.takeLock(PAIR_RUN, 'orders');
    await onGreen.publish(PAIR_RUN, COPIED);
    const position = await blue.ask(
      `select confirmed_flush_lsn from pg_replication_slots where slot_name = '${channel}'`,
    );
    await green.query(`update bluegreen.run set seed = '${position}'`);
    await onGreen.adopt(PAIR_RUN);
    if (change !== '') {
      await green.query(`set bluegreen.run_id = '${PAIR_RUN}'; ${change}`);
    }
    await subscribe(green, channel, this.blue.server.port);
    await green.query(
      `select pg_replication_origin_advance('pg_' || oid, (select seed from bluegreen.run)) from pg_subscription where subname = '${channel}'`,
    );
    await green.query(`alter subscription ${channel} enable`);
    let back = false;
    const prepareBack = async () => {
      await unsubscribe(green, channel);
      await onBlue.closeChannel(channel);
      const tables = await onGreen.replicatedTables();
      const published = tables.filter(({ kind }) => kind === 'table').map(({ schema, name }) => ({ schema, name }));
      await onGreen.publishColumns(`${channel}_back`, published);
      await subscribe(blue, `${channel}_back`, this.green.server.port);
    };
    return {
      blue,
      green,
      onBlue,
      onGreen,
      channel,
      caughtUp: () => arrived(onBlue, onGreen),
      arrived: () => (back ? arrived(onGreen, onBlue) : arrived(onBlue, onGreen)),
      prepareBack,
      followBack: async () => {
        back = true;
        await prepareBack();
        await blue.query(`alter subscription ${channel}_back enable`);
      },
      close: async () => {
        for (const [follower, followed, run, name] of [
          [green, blue, onBlue, channel],
          [blue, green, onGreen, `${channel}_back`],
        ] as const) {
          await unsubscribe(follower, name);
          await left(followed, name);
          await run.closeChannel(name);
        }
        await Promise.all([blue.close(), green.close()]);
        for (const { server } of [this.blue, this.green]) {
          await server.asAdmin((admin) => admin.query(`drop database ${NAME} with (force)`));
        }
      },
    };
  }
}

function subscribe(follower: TestDatabase, channel: string, port: number) {
  return follower.query(
    `create subscription ${channel} connection 'host=127.0.0.1 port=${port} dbname=${NAME} user=rdsadmin password=not-a-secret application_name=${channel}'
       publication ${channel} with (copy_data = false, create_slot = false, enabled = false, slot_name = '${channel}', streaming = off)`,
  );
}

async function unsubscribe(follower: TestDatabase, channel: string) {
  if ((await follower.ask(`select count(*)::int from pg_subscription where subname = '${channel}'`)) === 1) {
    await follower.query(`alter subscription ${channel} disable`);
    await follower.query(`alter subscription ${channel} set (slot_name = none)`);
    await follower.query(`drop subscription ${channel}`);
  }
}

async function arrived(from: PostgresDatabase, to: PostgresDatabase): Promise<void> {
  const { token } = await from.writeMarker();
  expect(await to.markerArrives(token, 20_000)).toBe(true);
}
