import {
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  CreateDBSnapshotCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBInstanceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { POSTGRES_LOG } from '../../lib/engines/postgres/replication/server-log';
import { InstanceControlPlane } from '../../lib/shapes/instance/instance-control-plane';
import { BLUE, RdsFixture } from './rds-fixture';

const REFUSED = {
  name: 'InvalidParameterCombination',
  $metadata: { httpStatusCode: 400 },
};
const TOO_SMALL = "You can't specify IOPS or storage throughput for engine postgres and a storage size less than 400.";

let fixture: RdsFixture;
beforeAll(async () => {
  fixture = await RdsFixture.open();
  await fixture.createBlue({ StorageType: 'gp3', AllocatedStorage: 100 });
});
afterAll(() => fixture.close());

type Storage = Pick<CreateDBInstanceCommandInput, 'StorageType' | 'AllocatedStorage' | 'Iops' | 'StorageThroughput'>;

const create = (storage: Storage) =>
  fixture.client.send(new CreateDBInstanceCommand({ ...BLUE, DBInstanceIdentifier: 'other', ...storage }));

test('gp3 below 400 GiB shows the performance it always has, also in its snapshots', async () => {
  expect(await fixture.instance('blue')).toMatchObject({ StorageType: 'gp3', Iops: 3_000, StorageThroughput: 125 });
  await fixture.client.send(
    new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'blue', DBSnapshotIdentifier: 'copy' }),
  );
  const { DBSnapshots } = await fixture.client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'copy' }));
  expect(DBSnapshots?.[0]).toMatchObject({ StorageType: 'gp3', Iops: 3_000, StorageThroughput: 125 });
  await fixture.reach(() => fixture.snapshotStatus('copy'), 'available');
  await fixture.ready('blue');
});

test.each<[string, Storage, string]>([
  ['IOPS of a gp3 below 400 GiB', { StorageType: 'gp3', AllocatedStorage: 399, Iops: 3_000 }, TOO_SMALL],
  [
    'throughput of a gp3 below 400 GiB',
    { StorageType: 'gp3', AllocatedStorage: 20, StorageThroughput: 125 },
    TOO_SMALL,
  ],
  [
    'fewer IOPS than a large gp3 has',
    { StorageType: 'gp3', AllocatedStorage: 400, Iops: 3_000 },
    'Invalid IOPS 3000 for gp3 storage of 400 GiB. The minimum is 12000.',
  ],
  [
    'less throughput than a large gp3 has',
    { StorageType: 'gp3', AllocatedStorage: 500, StorageThroughput: 125 },
    'Invalid storage throughput 125 for gp3 storage of 500 GiB. The minimum is 500.',
  ],
  [
    'more than a quarter of its IOPS as throughput',
    { StorageType: 'gp3', AllocatedStorage: 500, StorageThroughput: 4_000 },
    "The storage throughput to IOPS ratio can't be more than 0.25.",
  ],
  [
    'the throughput of a gp2, even none',
    { StorageType: 'gp2', AllocatedStorage: 100, StorageThroughput: 0 },
    'You can specify storage throughput only for the gp3 storage type.',
  ],
  [
    'the throughput of an io1',
    { StorageType: 'io1', AllocatedStorage: 100, Iops: 1_000, StorageThroughput: 0 },
    'You can specify storage throughput only for the gp3 storage type.',
  ],
  [
    'an io2 without IOPS',
    { StorageType: 'io2', AllocatedStorage: 100 },
    'Provisioned IOPS storage (io2) requires a value for Iops.',
  ],
  [
    'IOPS of a gp2',
    { StorageType: 'gp2', AllocatedStorage: 100, Iops: 300 },
    'You can specify IOPS only for the io1, io2 and gp3 storage types.',
  ],
])('refuses %s', async (_what, storage, message) => {
  await expect(create(storage)).rejects.toMatchObject({ ...REFUSED, message });
});

test('refuses to restore or modify with what it shows of a gp3 below 400 GiB', async () => {
  const shown = { Iops: 3_000, StorageThroughput: 125 };
  await expect(
    fixture.client.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier: 'green',
        DBSnapshotIdentifier: 'copy',
        StorageType: 'gp3',
        ...shown,
      }),
    ),
  ).rejects.toMatchObject({ ...REFUSED, message: TOO_SMALL });
  await expect(
    fixture.client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'blue', ...shown })),
  ).rejects.toMatchObject({ ...REFUSED, message: TOO_SMALL });
});

test('a clone of it has its storage', async () => {
  await new InstanceControlPlane(fixture.client, POSTGRES_LOG).clone('green', 'copy', 'blue', {});
  expect(await fixture.ready('green')).toMatchObject({ StorageType: 'gp3', Iops: 3_000, StorageThroughput: 125 });
});
