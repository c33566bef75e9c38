import {
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  DescribeEventsCommand,
  ModifyDBInstanceCommand,
  RebootDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { BLUE, RdsFixture } from './rds-fixture';

let fixture: RdsFixture;
beforeAll(async () => {
  fixture = await RdsFixture.open({ quotas: { instances: 3 } });
  await fixture.createBlue();
});
afterAll(() => fixture.close());

async function messages(identifier: string): Promise<string[]> {
  const { Events = [] } = await fixture.client.send(
    new DescribeEventsCommand({ SourceType: 'db-instance', SourceIdentifier: identifier }),
  );
  return Events.map(({ Message = '' }) => Message);
}

describe('an instance of the local RDS', () => {
  test('is created through the statuses of the real service, without an address until it is available', async () => {
    await fixture.client.send(new CreateDBInstanceCommand({ ...BLUE, DBInstanceIdentifier: 'Fresh' }));
    const creating = await fixture.instance('fresh');
    expect(creating).toMatchObject({ DBInstanceIdentifier: 'fresh', DBInstanceStatus: 'creating' });
    expect(creating.Endpoint).toBeUndefined();
    await fixture.reach(() => fixture.status('fresh'), 'backing-up');
    await fixture.reach(() => fixture.status('fresh'), 'available');
    const { Endpoint } = await fixture.instance('fresh');
    expect(Endpoint).toMatchObject({ Address: '127.0.0.1', Port: expect.any(Number) });
    expect(await messages('fresh')).toEqual([
      'DB instance created',
      'Backing up DB instance',
      'Finished DB Instance backup',
    ]);
    await fixture.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'fresh', SkipFinalSnapshot: true }));
    expect(await fixture.status('fresh')).toBe('deleting');
    await fixture.reach(() => fixture.status('fresh'), undefined);
    expect(await messages('fresh')).toContain('DB instance deleted');
  });

  test('is a real PostgreSQL in which the master user owns the first database and is no superuser', async () => {
    expect(await fixture.ask('blue', 'SHOW server_version')).toMatch(/^18\./);
    const blue = await fixture.connect('blue');
    await blue.query('CREATE TABLE owned (id int)');
    await expect(blue.query('CREATE ROLE boss SUPERUSER')).rejects.toThrow('permission denied');
    await blue.end();
  });

  test('still shows "available" just after a modification was accepted, then "modifying", and has it only at the end', async () => {
    await fixture.client.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: 'blue',
        DBInstanceClass: 'db.m6g.xlarge',
        ApplyImmediately: true,
      }),
    );
    expect(await fixture.instance('blue')).toMatchObject({
      DBInstanceStatus: 'available',
      DBInstanceClass: 'db.m6g.large',
      PendingModifiedValues: { DBInstanceClass: 'db.m6g.xlarge' },
    });
    await fixture.reach(() => fixture.status('blue'), 'modifying');
    expect(await fixture.instance('blue')).toMatchObject({ DBInstanceClass: 'db.m6g.large' });
    await fixture.reach(() => fixture.status('blue'), 'available');
    const modified = await fixture.instance('blue');
    expect(modified.DBInstanceClass).toBe('db.m6g.xlarge');
    expect(modified.PendingModifiedValues).toEqual({});
  });

  test('keeps a modification pending that was not to be applied immediately, until the next one that is', async () => {
    await fixture.client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'blue', BackupRetentionPeriod: 14 }));
    fixture.clock.advance(3_600_000);
    expect(await fixture.instance('blue')).toMatchObject({
      DBInstanceStatus: 'available',
      BackupRetentionPeriod: 1,
      PendingModifiedValues: { BackupRetentionPeriod: 14 },
    });
    await fixture.client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'blue', ApplyImmediately: true }));
    expect(await fixture.ready('blue')).toMatchObject({ BackupRetentionPeriod: 14 });
  });

  test('has at once what the real service changes at once', async () => {
    await fixture.client.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: 'blue',
        PreferredMaintenanceWindow: 'mon:04:00-mon:04:30',
        MaxAllocatedStorage: 200,
        CopyTagsToSnapshot: true,
        EnablePerformanceInsights: true,
      }),
    );
    expect(await fixture.instance('blue')).toMatchObject({
      DBInstanceStatus: 'available',
      PreferredMaintenanceWindow: 'mon:04:00-mon:04:30',
      MaxAllocatedStorage: 200,
      CopyTagsToSnapshot: true,
      PerformanceInsightsEnabled: true,
    });
  });

  test('passes through statuses of their own for monitoring and log exports', async () => {
    await fixture.client.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: 'blue',
        MonitoringInterval: 60,
        MonitoringRoleArn: 'arn:aws:iam::123456789012:role/monitoring',
        CloudwatchLogsExportConfiguration: { EnableLogTypes: ['postgresql', 'upgrade'], DisableLogTypes: ['upgrade'] },
      }),
    );
    await fixture.reach(() => fixture.status('blue'), 'configuring-enhanced-monitoring');
    await fixture.reach(() => fixture.status('blue'), 'configuring-log-exports');
    expect(await fixture.ready('blue')).toMatchObject({
      MonitoringInterval: 60,
      EnabledCloudwatchLogsExports: ['postgresql'],
    });
  });

  test('has the new master password in PostgreSQL once its reset is over', async () => {
    await fixture.client.send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'blue', MasterUserPassword: 'another-password' }),
    );
    expect((await fixture.instance('blue')).PendingModifiedValues).toEqual({ MasterUserPassword: '****' });
    await fixture.reach(() => fixture.status('blue'), 'resetting-master-credentials');
    await fixture.ready('blue');
    await (await fixture.connect('blue', 'another-password')).end();
    await expect(fixture.connect('blue', BLUE.MasterUserPassword)).rejects.toThrow('password authentication failed');

    const back = { DBInstanceIdentifier: 'blue', MasterUserPassword: BLUE.MasterUserPassword };
    await fixture.client.send(new ModifyDBInstanceCommand(back));
    await fixture.ready('blue');
    await (await fixture.connect('blue')).end();
  });

  test('is found by its resource id when it has been renamed, and its sessions were cut by the reboot', async () => {
    const { DbiResourceId = '', Endpoint } = await fixture.instance('blue');
    const session = await fixture.connect('blue');
    await fixture.client.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: 'blue',
        NewDBInstanceIdentifier: 'Renamed',
        ApplyImmediately: true,
      }),
    );
    await fixture.reach(() => fixture.status('blue'), 'renaming');
    await fixture.reach(() => fixture.status('renamed'), 'rebooting');
    await expect(fixture.instance('blue')).rejects.toMatchObject({
      name: 'DBInstanceNotFoundFault',
      Code: 'DBInstanceNotFound',
    });
    await fixture.ready('renamed');
    await expect(session.query('SELECT 1')).rejects.toThrow();

    const { DBInstances = [] } = await fixture.client.send(
      new DescribeDBInstancesCommand({ Filters: [{ Name: 'dbi-resource-id', Values: [DbiResourceId] }] }),
    );
    expect(DBInstances).toHaveLength(1);
    expect(DBInstances[0]).toMatchObject({
      DBInstanceIdentifier: 'renamed',
      DBInstanceArn: 'arn:aws:rds:us-east-1:123456789012:db:renamed',
      Endpoint,
    });
    expect(await messages('renamed')).toEqual(['DB instance shutdown', 'DB instance restarted']);

    await fixture.client.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: 'renamed',
        NewDBInstanceIdentifier: 'blue',
        ApplyImmediately: true,
      }),
    );
    await fixture.ready('blue');
  });

  test('refuses every other operation while one is running, with InvalidDBInstanceState', async () => {
    await fixture.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'blue' }));
    expect(await fixture.status('blue')).toBe('rebooting');
    const busy = {
      name: 'InvalidDBInstanceStateFault',
      Code: 'InvalidDBInstanceState',
      $metadata: { httpStatusCode: 400 },
    };
    const calls = [
      fixture.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'blue' })),
      fixture.client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'blue', DeletionProtection: true })),
      fixture.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'blue', SkipFinalSnapshot: true })),
      fixture.client.send(
        new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'blue', DBSnapshotIdentifier: 'too-early' }),
      ),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject(busy);
    await fixture.ready('blue');
  });

  test('refuses to be deleted while it is protected, or without a word about the final snapshot', async () => {
    const refusal = { name: 'InvalidParameterCombination', $metadata: { httpStatusCode: 400 } };
    await fixture.client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'blue', DeletionProtection: true }));
    await expect(
      fixture.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'blue', SkipFinalSnapshot: true })),
    ).rejects.toMatchObject({ ...refusal, message: expect.stringContaining('disable deletion protection') });
    await fixture.client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'blue', DeletionProtection: false }));
    await expect(
      fixture.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'blue' })),
    ).rejects.toMatchObject({ ...refusal, message: expect.stringContaining('FinalDBSnapshotIdentifier is required') });
    await expect(
      fixture.client.send(
        new DeleteDBInstanceCommand({
          DBInstanceIdentifier: 'blue',
          SkipFinalSnapshot: true,
          FinalDBSnapshotIdentifier: 'last',
        }),
      ),
    ).rejects.toMatchObject({ ...refusal, message: expect.stringContaining('SkipFinalSnapshot=true') });
  });

  test('refuses a name that is taken, also by a rename in progress, and one instance more than the quota', async () => {
    const exists = { name: 'DBInstanceAlreadyExistsFault', Code: 'DBInstanceAlreadyExists' };
    await expect(fixture.client.send(new CreateDBInstanceCommand(BLUE))).rejects.toMatchObject(exists);
    await fixture.createBlue({ DBInstanceIdentifier: 'second' });
    await fixture.client.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: 'second',
        NewDBInstanceIdentifier: 'moved',
        ApplyImmediately: true,
      }),
    );
    await expect(
      fixture.client.send(new CreateDBInstanceCommand({ ...BLUE, DBInstanceIdentifier: 'moved' })),
    ).rejects.toMatchObject(exists);
    await fixture.client.send(new CreateDBInstanceCommand({ ...BLUE, DBInstanceIdentifier: 'third' }));
    await expect(
      fixture.client.send(new CreateDBInstanceCommand({ ...BLUE, DBInstanceIdentifier: 'fourth' })),
    ).rejects.toMatchObject({ name: 'InstanceQuotaExceededFault', Code: 'InstanceQuotaExceeded' });
    await fixture.ready('moved');
    await fixture.ready('third');
    const deletion = { SkipFinalSnapshot: true };
    await fixture.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'moved', ...deletion }));
    await fixture.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'third', ...deletion }));
    await fixture.reach(() => fixture.status('moved'), undefined);
    await fixture.reach(() => fixture.status('third'), undefined);
  });

  test('refuses a port that another process listens on, naming it', async () => {
    const { Endpoint } = await fixture.instance('blue');
    await expect(
      fixture.client.send(
        new CreateDBInstanceCommand({ ...BLUE, DBInstanceIdentifier: 'clash', Port: Endpoint?.Port }),
      ),
    ).rejects.toMatchObject({
      message: expect.stringContaining(`127.0.0.1:${Endpoint?.Port}: another process already does`),
    });
    expect(await fixture.status('clash')).toBeUndefined();
  });

  test('can be shown as a read replica, on both sides', async () => {
    await fixture.createBlue({ DBInstanceIdentifier: 'replica' });
    await fixture.rds.markAsReadReplica('replica', 'blue');
    expect(await fixture.instance('replica')).toMatchObject({ ReadReplicaSourceDBInstanceIdentifier: 'blue' });
    expect(await fixture.instance('blue')).toMatchObject({ ReadReplicaDBInstanceIdentifiers: ['replica'] });
    await expect(
      fixture.client.send(
        new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'replica', FinalDBSnapshotIdentifier: 'never' }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  });
});
