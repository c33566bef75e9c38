import {
  CreateDBParameterGroupCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBSnapshotsCommand,
  DescribeEventsCommand,
  ListTagsForResourceCommand,
  ModifyDBParameterGroupCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { BLUE, RdsFixture } from './rds-fixture';

/** Everything about blue that differs from what a new instance would have. */
const CARRIED = {
  DBSubnetGroupName: 'private',
  DBParameterGroupName: 'shop-parameters',
  VpcSecurityGroupIds: ['sg-one', 'sg-two'],
  OptionGroupName: 'shop-options',
  MultiAZ: true,
  PubliclyAccessible: true,
  StorageType: 'io1',
  Iops: 3000,
  AllocatedStorage: 100,
  EnableIAMDatabaseAuthentication: true,
  EnableCloudwatchLogsExports: ['postgresql'],
  CopyTagsToSnapshot: true,
  BackupRetentionPeriod: 7,
  PreferredBackupWindow: '01:00-01:30',
  CACertificateIdentifier: 'rds-ca-ecc384-g1',
  NetworkType: 'DUAL',
  AutoMinorVersionUpgrade: false,
};

/** What RestoreDBInstanceFromDBSnapshot cannot set. */
const MODIFY_ONLY = {
  PreferredMaintenanceWindow: 'mon:02:00-mon:02:30',
  MaxAllocatedStorage: 500,
  MonitoringInterval: 30,
  MonitoringRoleArn: 'arn:aws:iam::123456789012:role/monitoring',
  EnablePerformanceInsights: true,
};

let fixture: RdsFixture;
beforeAll(async () => {
  fixture = await RdsFixture.open({ quotas: { manualSnapshots: 2 } });
  await fixture.client.send(
    new CreateDBParameterGroupCommand({
      DBParameterGroupName: 'shop-parameters',
      DBParameterGroupFamily: 'postgres18',
      Description: 'of the shop',
    }),
  );
  await fixture.client.send(
    new ModifyDBParameterGroupCommand({
      DBParameterGroupName: 'shop-parameters',
      Parameters: [{ ParameterName: 'rds.logical_replication', ParameterValue: '1', ApplyMethod: 'pending-reboot' }],
    }),
  );
  await fixture.createBlue({
    ...CARRIED,
    ...MODIFY_ONLY,
    DeletionProtection: true,
    Tags: [{ Key: 'team', Value: 'orders+payments' }],
  });
  await fixture.ask('blue', 'CREATE TABLE orders AS SELECT generate_series(1, 500) AS id');
  await fixture.client.send(
    new CreateDBSnapshotCommand({
      DBInstanceIdentifier: 'blue',
      DBSnapshotIdentifier: 'seed',
      Tags: [{ Key: 'run', Value: 'r1' }],
    }),
  );
  expect([await fixture.status('blue'), await fixture.snapshotStatus('seed')]).toEqual(['backing-up', 'creating']);
  await fixture.reach(() => fixture.snapshotStatus('seed'), 'available');
});
afterAll(() => fixture.close());

async function removeInstance(identifier: string): Promise<void> {
  await fixture.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: identifier, SkipFinalSnapshot: true }));
  await fixture.reach(() => fixture.status(identifier), undefined);
}

describe('a snapshot of the local RDS', () => {
  test('is described with its source, its progress, its own tags and those it copied', async () => {
    const { DBSnapshots = [] } = await fixture.client.send(
      new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'seed', SnapshotType: 'manual' }),
    );
    expect(DBSnapshots).toHaveLength(1);
    expect(DBSnapshots[0]).toMatchObject({
      DBSnapshotIdentifier: 'seed',
      DBSnapshotArn: 'arn:aws:rds:us-east-1:123456789012:snapshot:seed',
      DBInstanceIdentifier: 'blue',
      Engine: 'postgres',
      Status: 'available',
      PercentProgress: 100,
      SnapshotType: 'manual',
      MasterUsername: 'shop_admin',
      AllocatedStorage: 100,
      Encrypted: false,
      TagList: [
        { Key: 'team', Value: 'orders+payments' },
        { Key: 'run', Value: 'r1' },
      ],
    });
    const { Events = [] } = await fixture.client.send(
      new DescribeEventsCommand({ SourceType: 'db-snapshot', SourceIdentifier: 'seed' }),
    );
    expect(Events.map(({ Message }) => Message)).toEqual(['Creating manual snapshot', 'Manual snapshot created']);
  });

  test('is found by instance, by resource id and by filter, and not among automated ones', async () => {
    const { DbiResourceId = '' } = await fixture.instance('blue');
    const found = async (input: object) => {
      const { DBSnapshots = [] } = await fixture.client.send(new DescribeDBSnapshotsCommand(input));
      return DBSnapshots.map(({ DBSnapshotIdentifier }) => DBSnapshotIdentifier);
    };
    expect(await found({ DBInstanceIdentifier: 'blue' })).toEqual(['seed']);
    expect(await found({ DbiResourceId })).toEqual(['seed']);
    expect(await found({ Filters: [{ Name: 'db-snapshot-id', Values: ['other', 'seed'] }] })).toEqual(['seed']);
    expect(await found({ Filters: [{ Name: 'db-instance-id', Values: ['green'] }] })).toEqual([]);
    expect(await found({ SnapshotType: 'automated' })).toEqual([]);
  });

  test('restored without a word has the rows, and of the settings only those AWS takes from the snapshot', async () => {
    await fixture.client.send(
      new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier: 'green', DBSnapshotIdentifier: 'seed' }),
    );
    const green = await fixture.ready('green');
    expect(await fixture.ask('green', 'SELECT count(*)::int FROM orders')).toBe(500);
    expect(green).toMatchObject({
      DBInstanceClass: 'db.m6g.large',
      AllocatedStorage: 100,
      BackupRetentionPeriod: 7,
      PreferredBackupWindow: '01:00-01:30',
      MasterUsername: 'shop_admin',
      DBName: 'shop',
      TagList: [{ Key: 'team', Value: 'orders+payments' }],
      DBParameterGroups: [{ DBParameterGroupName: 'default.postgres18', ParameterApplyStatus: 'in-sync' }],
      VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-default', Status: 'active' }],
      DBSubnetGroup: { DBSubnetGroupName: 'default' },
      OptionGroupMemberships: [{ OptionGroupName: 'default:postgres-18', Status: 'in-sync' }],
      MultiAZ: false,
      PubliclyAccessible: false,
      DeletionProtection: false,
      IAMDatabaseAuthenticationEnabled: false,
      CopyTagsToSnapshot: false,
      AutoMinorVersionUpgrade: true,
      StorageType: 'gp3',
      CACertificateIdentifier: 'rds-ca-rsa2048-g1',
      NetworkType: 'IPV4',
      PreferredMaintenanceWindow: 'sun:05:00-sun:05:30',
      MonitoringInterval: 0,
      PerformanceInsightsEnabled: false,
    });
    expect([green.MaxAllocatedStorage, green.MonitoringRoleArn]).toEqual([undefined, undefined]);
    expect([green.Iops, green.StorageThroughput]).toEqual([3_000, 125]);
    expect(green.EnabledCloudwatchLogsExports ?? []).toEqual([]);
    expect(await fixture.ask('green', 'SHOW wal_level')).toBe('replica');
    const blue = await fixture.instance('blue');
    expect(green.Endpoint?.Port).not.toBe(blue.Endpoint?.Port);
    await removeInstance('green');
  });

  test('restored with every setting restore takes, carries them, and leaves "available" once more on the way', async () => {
    const { DBInstance } = await fixture.client.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        ...CARRIED,
        DBInstanceIdentifier: 'green',
        DBSnapshotIdentifier: 'seed',
        DBInstanceClass: 'db.r6g.large',
        Tags: [{ Key: 'run', Value: 'r1' }],
      }),
    );
    expect(DBInstance?.DBInstanceStatus).toBe('creating');
    await fixture.reach(() => fixture.status('green'), 'backing-up');
    await fixture.reach(() => fixture.status('green'), 'available');
    await fixture.reach(() => fixture.status('green'), 'modifying');
    expect((await fixture.instance('green')).DBParameterGroups).toEqual([
      { DBParameterGroupName: 'shop-parameters', ParameterApplyStatus: 'applying' },
    ]);
    const green = await fixture.ready('green');
    expect(green).toMatchObject({
      DBInstanceClass: 'db.r6g.large',
      DBSubnetGroup: { DBSubnetGroupName: 'private' },
      DBParameterGroups: [{ DBParameterGroupName: 'shop-parameters', ParameterApplyStatus: 'in-sync' }],
      VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-one' }, { VpcSecurityGroupId: 'sg-two' }],
      OptionGroupMemberships: [{ OptionGroupName: 'shop-options' }],
      MultiAZ: true,
      PubliclyAccessible: true,
      StorageType: 'io1',
      Iops: 3000,
      IAMDatabaseAuthenticationEnabled: true,
      EnabledCloudwatchLogsExports: ['postgresql'],
      CopyTagsToSnapshot: true,
      CACertificateIdentifier: 'rds-ca-ecc384-g1',
      NetworkType: 'DUAL',
      AutoMinorVersionUpgrade: false,
      TagList: [{ Key: 'run', Value: 'r1' }],
    });
    expect(await fixture.ask('green', 'SHOW wal_level')).toBe('logical');
    const { TagList } = await fixture.client.send(
      new ListTagsForResourceCommand({ ResourceName: green.DBInstanceArn as string }),
    );
    expect(TagList).toEqual([{ Key: 'run', Value: 'r1' }]);
    await removeInstance('green');
  });

  test('keeps the password of the moment it was taken', async () => {
    await fixture.client.send(
      new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier: 'green', DBSnapshotIdentifier: 'seed' }),
    );
    await fixture.ready('green');
    await (await fixture.connect('green', BLUE.MasterUserPassword)).end();
    await removeInstance('green');
  });

  test('refuses to be restored or deleted before it is available, deleted during a restore, or made twice', async () => {
    const second = { DBInstanceIdentifier: 'blue', DBSnapshotIdentifier: 'second' };
    await fixture.client.send(new CreateDBSnapshotCommand(second));
    const notYet = { name: 'InvalidDBSnapshotStateFault', Code: 'InvalidDBSnapshotState' };
    const restore = { DBInstanceIdentifier: 'early', DBSnapshotIdentifier: 'second' };
    await expect(fixture.client.send(new RestoreDBInstanceFromDBSnapshotCommand(restore))).rejects.toMatchObject(
      notYet,
    );
    await expect(
      fixture.client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'second' })),
    ).rejects.toMatchObject(notYet);
    await expect(fixture.client.send(new CreateDBSnapshotCommand(second))).rejects.toMatchObject({
      name: 'DBSnapshotAlreadyExistsFault',
    });
    await fixture.reach(() => fixture.snapshotStatus('second'), 'available');
    await fixture.reach(() => fixture.status('blue'), 'available');
    await expect(
      fixture.client.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'blue', DBSnapshotIdentifier: 'third' })),
    ).rejects.toMatchObject({ name: 'SnapshotQuotaExceededFault' });

    await fixture.client.send(new RestoreDBInstanceFromDBSnapshotCommand(restore));
    await expect(
      fixture.client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'second' })),
    ).rejects.toMatchObject(notYet);
    await fixture.ready('early');
    await fixture.client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'second' }));
    expect(await fixture.snapshotStatus('second')).toBe('deleting');
    await fixture.reach(() => fixture.snapshotStatus('second'), undefined);
  });

  test('is made of an instance that is deleted with a final snapshot, and holds its last rows', async () => {
    await fixture.ask('early', 'INSERT INTO orders VALUES (501)');
    await fixture.client.send(
      new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'early', FinalDBSnapshotIdentifier: 'final' }),
    );
    await fixture.reach(() => fixture.status('early'), undefined);
    expect(await fixture.snapshotStatus('final')).toBe('available');
    await fixture.client.send(
      new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier: 'again', DBSnapshotIdentifier: 'final' }),
    );
    await fixture.ready('again');
    expect(await fixture.ask('again', 'SELECT max(id) FROM orders')).toBe(501);
  });

  test('refuses to be restored into less storage than it needs, or when there is no such snapshot', async () => {
    const input = { DBInstanceIdentifier: 'small', DBSnapshotIdentifier: 'seed', AllocatedStorage: 50 };
    await expect(fixture.client.send(new RestoreDBInstanceFromDBSnapshotCommand(input))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining('at least 100 GiB'),
    });
    await expect(
      fixture.client.send(new RestoreDBInstanceFromDBSnapshotCommand({ ...input, DBSnapshotIdentifier: 'none' })),
    ).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault', $metadata: { httpStatusCode: 404 } });
  });
});
