import {
  CreateDBParameterGroupCommand,
  CreateDBSnapshotCommand,
  ModifyDBInstanceCommand,
  type ModifyDBInstanceCommandInput,
} from '@aws-sdk/client-rds';
import { ResourceBusy } from '../../lib/core/errors';
import { POSTGRES_LOG } from '../../lib/engines/postgres/replication/server-log';
import { InstanceControlPlane } from '../../lib/shapes/instance/instance-control-plane';
import { BLUE, RdsFixture } from './rds-fixture';

let fixture: RdsFixture;
beforeAll(async () => {
  fixture = await RdsFixture.open({ quotas: { parameterGroups: 1 } });
  await fixture.createBlue({ BackupRetentionPeriod: 0 });
});
afterAll(() => fixture.close());

const status = () => fixture.status('blue');
const modify = (changes: Partial<ModifyDBInstanceCommandInput>) =>
  fixture.client.send(
    new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'blue', ApplyImmediately: true, ...changes }),
  );
const snapshot = (DBSnapshotIdentifier: string) =>
  fixture.client.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'blue', DBSnapshotIdentifier }));

test('an instance whose automated backups are turned on is backed up, serves, and takes no order meanwhile', async () => {
  await modify({ BackupRetentionPeriod: 7 });
  await fixture.reach(status, 'modifying');
  await fixture.reach(status, 'backing-up');
  expect(await fixture.serves('blue')).toBe(true);
  await expect(snapshot('early')).rejects.toMatchObject({ Code: 'InvalidDBInstanceState' });
  const busy = new InstanceControlPlane(fixture.client, POSTGRES_LOG).createSnapshot('early', 'blue', {});
  await expect(busy).rejects.toBeInstanceOf(ResourceBusy);
  await fixture.ready('blue');
});

test('a change of storage is optimized for long; the instance takes every order but another change of storage', async () => {
  await modify({ AllocatedStorage: 100 });
  await fixture.reach(status, 'storage-optimization');
  await expect(modify({ AllocatedStorage: 200 })).rejects.toMatchObject({
    name: 'InvalidParameterCombination',
    message: expect.stringContaining('the previous storage change is being optimized'),
  });
  await snapshot('meanwhile');
  expect(await status()).toBe('backing-up');
  await fixture.reach(() => fixture.snapshotStatus('meanwhile'), 'available');
  expect(await fixture.ready('blue')).toMatchObject({ AllocatedStorage: 100 });
});

test('a change of storage that nobody disturbs ends by itself', async () => {
  await modify({ AllocatedStorage: 120 });
  await fixture.reach(status, 'storage-optimization');
  await fixture.ready('blue');
});

test('IAM authentication has a status of its own', async () => {
  await modify({ EnableIAMDatabaseAuthentication: true });
  await fixture.reach(status, 'configuring-iam-database-auth');
  expect(await fixture.ready('blue')).toMatchObject({ IAMDatabaseAuthenticationEnabled: true });
});

test('a password that RDS manages is shown by its secret, and is told when RDS is to manage it no more', async () => {
  await modify({ ManageMasterUserPassword: true });
  const managed = await fixture.ready('blue');
  expect(managed.MasterUserSecret).toMatchObject({
    SecretStatus: 'active',
    SecretArn: expect.stringContaining('rds!'),
  });
  expect(await fixture.serves('blue')).toBe(false);
  await expect(modify({ ManageMasterUserPassword: false })).rejects.toMatchObject({
    name: 'InvalidParameterCombination',
  });
  await modify({ ManageMasterUserPassword: false, MasterUserPassword: BLUE.MasterUserPassword });
  expect(await fixture.ready('blue')).not.toHaveProperty('MasterUserSecret');
  expect(await fixture.serves('blue')).toBe(true);
});

test('one parameter group more than the quota is refused with the code of AWS', async () => {
  await expect(
    fixture.client.send(
      new CreateDBParameterGroupCommand({
        DBParameterGroupName: 'more',
        DBParameterGroupFamily: 'postgres18',
        Description: 'more',
      }),
    ),
  ).rejects.toMatchObject({ name: 'DBParameterGroupQuotaExceededFault', Code: 'DBParameterGroupQuotaExceeded' });
});
