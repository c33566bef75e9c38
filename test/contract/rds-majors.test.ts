import {
  CreateDBInstanceCommand,
  CreateDBParameterGroupCommand,
  CreateDBSnapshotCommand,
  ModifyDBParameterGroupCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { subscriptionStandIn } from '../../lib/local/servers/postgres/rds-superuser';
import { MAJORS } from '../support/majors';
import { BLUE, RdsFixture } from './rds-fixture';

const GROUP = 'following';

describe.each(MAJORS)('a local RDS for PostgreSQL %i', (major) => {
  let fixture: RdsFixture;
  beforeAll(async () => {
    fixture = await RdsFixture.open({ major });
    await fixture.client.send(
      new CreateDBParameterGroupCommand({
        DBParameterGroupName: GROUP,
        DBParameterGroupFamily: `postgres${major}`,
        Description: 'can be followed',
      }),
    );
    await fixture.client.send(
      new ModifyDBParameterGroupCommand({
        DBParameterGroupName: GROUP,
        Parameters: [{ ParameterName: 'rds.logical_replication', ParameterValue: '1', ApplyMethod: 'pending-reboot' }],
      }),
    );
    await fixture.createBlue({ DBParameterGroupName: GROUP });
  });
  afterAll(() => fixture.close());

  /** As `EXECUTE` for a statement about a subscription, with the stand-in where the major needs it. */
  const aboutSubscription = (statement: string) =>
    fixture.ask(
      'green',
      `DO $$ BEGIN ${subscriptionStandIn(major) === undefined ? 'EXECUTE' : `PERFORM ${subscriptionStandIn(major)}`} ($s$${statement}$s$); END $$`,
    );

  test('serves that version, ready to be followed at once, and refuses another', async () => {
    expect((await fixture.instance('blue')).EngineVersion).toMatch(new RegExp(`^${major}\\.\\d+$`));
    expect(await fixture.ask('blue', 'SHOW wal_level')).toBe('logical');
    await expect(
      fixture.client.send(
        new CreateDBInstanceCommand({ ...BLUE, DBInstanceIdentifier: 'other', EngineVersion: String(major + 1) }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  });

  test('hands over exactly: what its snapshot lacks follows from the position at which the restored instance began', async () => {
    await fixture.ask('blue', 'CREATE TABLE orders (id int PRIMARY KEY)');
    await fixture.ask('blue', 'CREATE PUBLICATION follow FOR TABLE orders');
    await fixture.ask('blue', "SELECT pg_create_logical_replication_slot('follow', 'pgoutput')");
    const writer = await fixture.connect('blue');
    let [writing, written] = [true, 0];
    const writes = (async () => {
      for (; writing; written += 1) await writer.query('INSERT INTO orders VALUES ($1)', [written]);
    })();
    await fixture.client.send(
      new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'blue', DBSnapshotIdentifier: 'seed' }),
    );
    await fixture.reach(() => fixture.snapshotStatus('seed'), 'available');
    await fixture.client.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier: 'green',
        DBSnapshotIdentifier: 'seed',
        DBParameterGroupName: GROUP,
      }),
    );
    await fixture.ready('green');

    const seed = await fixture.ask('green', 'SELECT pg_last_wal_replay_lsn()::text');
    await fixture.ask('green', "SELECT pg_drop_replication_slot('follow')");
    const { Endpoint } = await fixture.instance('blue');
    await aboutSubscription(
      `CREATE SUBSCRIPTION follow CONNECTION 'host=127.0.0.1 port=${Endpoint?.Port} dbname=${BLUE.DBName} user=${BLUE.MasterUsername} password=${BLUE.MasterUserPassword}' PUBLICATION follow WITH (copy_data = false, create_slot = false, enabled = false, slot_name = follow)`,
    );
    await fixture.ask(
      'green',
      `SELECT pg_replication_origin_advance('pg_' || oid, '${seed}'::pg_lsn) FROM pg_subscription`,
    );
    await aboutSubscription('ALTER SUBSCRIPTION follow ENABLE');
    writing = false;
    await writes;
    await writer.end();

    const count = 'SELECT count(*)::int FROM orders';
    while ((await fixture.ask('green', count)) !== written) await fixture.ask('green', 'SELECT pg_sleep(0.02)');
    expect(await fixture.ask('green', 'SELECT apply_error_count::int FROM pg_stat_subscription_stats')).toBe(0);
    expect(await fixture.ask('blue', count)).toBe(written);
  });
});
