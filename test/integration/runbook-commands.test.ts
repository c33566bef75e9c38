/** The SQL a run hands to a human does on a real server what the runbook says, and may be run again. */
import { byHandOf } from '../../lambdas/handler';
import { channelName } from '../../lib/core/identifiers';
import { leftOnGreen, manualRollback } from '../../lib/core/leftovers';
import type { Leftover } from '../../lib/core/run';
import { planFixture } from '../support/plan-fixture';
import { PostgresFixture, type TestDatabase } from '../support/postgres-fixture';

const RUN = 'run-1';
const SEED = `
  create table orders (id bigint primary key, note text);
  grant insert on orders to app;`;

/** Everything a run puts into a database, as the server's own catalogs show it. */
const TRACES = `
  select 'slot ' || slot_name as trace from pg_replication_slots where database = current_database()
  union all select 'publication ' || pubname from pg_publication
  union all select 'subscription ' || subname from pg_subscription s join pg_database d on d.oid = s.subdbid where d.datname = current_database()
  union all select 'trigger ' || tgname from pg_trigger where not tgisinternal
  union all select 'table ' || relname from pg_class where relnamespace = to_regnamespace('bluegreen') and relkind = 'r'
  union all select 'setting ' || array_to_string(setconfig, ',') from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where d.datname = current_database()
  order by 1`;

let server: PostgresFixture;
beforeAll(async () => {
  server = await PostgresFixture.start({ settings: { wal_level: 'logical' } });
});
afterAll(() => server.close());

async function traces(database: TestDatabase): Promise<string[]> {
  return (await database.query<{ trace: string }>(TRACES)).map(({ trace }) => trace);
}

/** Runs the psql commands among these as the run's user: one session, one transaction for each `-c`, going on after an error. */
async function runAsHuman(
  commands: readonly Leftover[],
  identifier: string,
  database: TestDatabase,
): Promise<string[]> {
  const errors: string[] = [];
  const ours = commands.filter(({ command }) =>
    command.startsWith(`psql "host=<address of ${identifier}> dbname=${database.name}"`),
  );
  expect(ours.length).toBeGreaterThan(0);
  for (const { command } of ours) {
    const client = await database.client('bluegreen', 'psql');
    for (const [, sql = ''] of command.matchAll(/-c "((?:[^"\\]|\\.)*)"/g)) {
      await client.query(sql.replaceAll('\\"', '"')).catch(({ message }: Error) => errors.push(message));
    }
    await client.end();
  }
  return errors;
}

describe('finishing a rollback by hand', () => {
  test.each(['freeze', 'replication'] as const)('gives blue back without a trace, with sync: "%s"', async (sync) => {
    const database = await server.database(SEED);
    const plan = planFixture({ sync, blue: { ...planFixture().blue, database: database.name } });
    const [forward, back] = (['forward', 'back'] as const).map((way) =>
      channelName(plan.name, RUN, database.name, way),
    );
    const blue = database.run();
    await blue.takeLock(RUN, plan.name);
    if (sync === 'replication') {
      await blue.publish(RUN, forward as string);
      await blue.publishColumns(back as string, []); // where a subscription to itself finds something
      await blue.subscribe(back as string, { host: '127.0.0.1', port: database.port });
    }
    await blue.freeze(RUN, new Date('2100-01-01'));
    expect((await traces(database)).length).toBeGreaterThan(2);
    await database.close();

    const commands = manualRollback(plan, RUN, byHandOf(plan));
    const errors = await runAsHuman(commands, plan.blue.identifier, database);
    expect(errors).toEqual([]);
    // its own slot and publication of the way back stand in for green's, which is deleted
    await database.query(`drop publication if exists ${back}`);
    expect(await traces(database)).toEqual([]);
    await expect(database.query(`insert into orders values (1, 'x')`, 'app')).resolves.toEqual([]);

    const again = await runAsHuman(commands, plan.blue.identifier, database);
    expect(again.filter((message) => message !== `subscription "${back}" does not exist`)).toEqual([]);
    expect(await traces(database)).toEqual([]);
    await database.close();
  });
});

describe('what stays when green serves', () => {
  test('is given up by the commands: the record, and what green keeps for blue', async () => {
    const database = await server.database(SEED);
    const plan = planFixture({ sync: 'replication', blue: { ...planFixture().blue, database: database.name } });
    const green = database.run();
    await green.takeLock(RUN, plan.name);
    await green.publish(RUN, 'bluegreen_copied'); // its marker is what the way back publishes first
    await green.closeChannel('bluegreen_copied');
    await green.publishColumns(channelName(plan.name, RUN, database.name, 'back'), [
      { schema: 'public', name: 'orders', columns: ['id'] },
    ]);
    await green.arm();
    await green.open(RUN);
    expect((await traces(database)).length).toBeGreaterThan(3);
    await database.close();

    const left = leftOnGreen(plan, RUN, { record: true, blue: true, snapshot: true, wayBack: true }, byHandOf(plan));
    const [, identifier = ''] = /<address of (orders-green-\w+)>/.exec(left[0]?.command ?? '') ?? [];
    expect(await runAsHuman(left, identifier, database)).toEqual([]);
    expect(await traces(database)).toEqual([]);
    await expect(database.query(`insert into orders values (1, 'x')`, 'app')).resolves.toEqual([]);
    expect(await runAsHuman(left, identifier, database)).toEqual([]);
    await database.close();
  });
});
