import {
  AddRoleToDBInstanceCommand,
  CreateDBParameterGroupCommand,
  type DBInstance,
  ModifyDBInstanceCommand,
  ModifyDBParameterGroupCommand,
} from '@aws-sdk/client-rds';
import { ControlPlaneRefused, ResourceBusy, ResourceFailed, TemporarilyUnavailable } from '../../lib/core/errors';
import { POSTGRES_LOG } from '../../lib/engines/postgres/replication/server-log';
import { explained } from '../../lib/shapes/control-plane-errors';
import { InstanceControlPlane } from '../../lib/shapes/instance/instance-control-plane';
import { RdsFixture } from './rds-fixture';

/** Nothing here is what a restore would choose by itself. */
const UNUSUAL = {
  DBInstanceClass: 'db.r7g.2xlarge',
  AllocatedStorage: 120,
  MaxAllocatedStorage: 900,
  StorageType: 'io2',
  Iops: 4_000,
  MultiAZ: true,
  DBSubnetGroupName: 'private',
  VpcSecurityGroupIds: ['sg-1', 'sg-2'],
  PubliclyAccessible: true,
  DBParameterGroupName: 'tuned',
  AutoMinorVersionUpgrade: false,
  CACertificateIdentifier: 'rds-ca-ecc384-g1',
  DedicatedLogVolume: true,
  EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
  DeletionProtection: true,
  CopyTagsToSnapshot: true,
  BackupRetentionPeriod: 21,
  PreferredBackupWindow: '01:10-01:40',
  PreferredMaintenanceWindow: 'tue:02:00-tue:02:30',
  EnableIAMDatabaseAuthentication: true,
  EnableCloudwatchLogsExports: ['postgresql', 'upgrade'],
  MonitoringInterval: 15,
  MonitoringRoleArn: 'arn:aws:iam::123456789012:role/monitoring',
  DatabaseInsightsMode: 'advanced',
  EnablePerformanceInsights: true,
  PerformanceInsightsKMSKeyId: 'arn:aws:kms:us-east-1:123456789012:key/1',
  PerformanceInsightsRetentionPeriod: 465,
  Tags: [
    { Key: 'team', Value: 'platform' },
    { Key: 'bluegreen:run', Value: 'an-earlier-run' },
    { Key: 'bluegreen:disposable', Value: 'false' },
  ],
} as const;

/** What is green's own by nature. */
const OWN: readonly (keyof DBInstance)[] = [
  'DBInstanceIdentifier',
  'DBInstanceArn',
  'DbiResourceId',
  'Endpoint',
  'InstanceCreateTime',
  'TagList',
  'DeletionProtection',
];

const TAGS = { 'bluegreen:plan': 'orders', 'bluegreen:run': 'run-1', 'bluegreen:disposable': 'true' };

let fixture: RdsFixture;
let controlPlane: InstanceControlPlane;
beforeAll(async () => {
  fixture = await RdsFixture.open();
  controlPlane = new InstanceControlPlane(fixture.client, POSTGRES_LOG);
  await fixture.client.send(
    new CreateDBParameterGroupCommand({
      DBParameterGroupName: 'tuned',
      DBParameterGroupFamily: 'postgres18',
      Description: 'tuned',
    }),
  );
  await fixture.createBlue(UNUSUAL as never);
  await fixture.client.send(
    new AddRoleToDBInstanceCommand({
      DBInstanceIdentifier: 'blue',
      RoleArn: 'arn:aws:iam::123456789012:role/import',
      FeatureName: 's3Import',
    }),
  );
});
afterAll(() => fixture.close());

function comparable(instance: DBInstance): object {
  return Object.fromEntries(Object.entries(instance).filter(([name]) => !OWN.includes(name as keyof DBInstance)));
}

it('what does not exist is described as nothing, and deleting it is done', async () => {
  expect(await controlPlane.describe('nowhere')).toBeUndefined();
  expect(await controlPlane.describeSnapshot('nowhere')).toBeUndefined();
  await expect(controlPlane.deleteSnapshot('nowhere')).resolves.toBeUndefined();
  await expect(controlPlane.deleteDatabase('nowhere')).resolves.toBeUndefined();
  await expect(controlPlane.tag('nowhere', {})).rejects.toBeInstanceOf(ResourceFailed);
});

it('blue is described with what a run needs to know', async () => {
  const { DbiResourceId, DBInstanceArn, Endpoint } = await fixture.instance('blue');
  expect(await controlPlane.describe('blue')).toEqual({
    identifier: 'blue',
    engine: 'postgres',
    resourceId: DbiResourceId,
    arn: DBInstanceArn,
    status: 'available',
    address: { host: '127.0.0.1', port: Endpoint?.Port },
    deletionProtection: true,
    tags: { team: 'platform', 'bluegreen:run': 'an-earlier-run', 'bluegreen:disposable': 'false' },
    awaitingReboot: [],
    placement: {
      securityGroupIds: ['sg-1', 'sg-2'],
      subnetIds: ['subnet-local-a', 'subnet-local-b'],
      dualStack: false,
    },
    unsettled: [],
  });
  await fixture.rds.markAsReadReplica('blue', 'source');
  expect(await controlPlane.describe('blue')).toMatchObject({ readReplicaOf: 'source' });
  await fixture.rds.markAsReadReplica('blue', undefined as never);
});

it('a snapshot is made once, with its tags, while blue is busy with it', async () => {
  await controlPlane.createSnapshot('copy', 'blue', TAGS);
  const { resourceId } = (await controlPlane.describe('blue')) ?? {};
  expect(await controlPlane.describeSnapshot('copy')).toMatchObject({
    identifier: 'copy',
    sourceResourceId: resourceId,
    status: 'creating',
    tags: expect.objectContaining(TAGS),
  });
  // an earlier invocation's call had arrived, or blue is busy: either passes
  await expect(controlPlane.createSnapshot('copy', 'blue', TAGS)).rejects.toBeInstanceOf(TemporarilyUnavailable);
  await expect(controlPlane.createSnapshot('another', 'blue', TAGS)).rejects.toBeInstanceOf(ResourceBusy);
  await fixture.reach(() => fixture.snapshotStatus('copy'), 'available');
  await fixture.ready('blue');
  expect(await controlPlane.describeSnapshot('copy')).toMatchObject({ status: 'available', percentProgress: 100 });
  await expect(controlPlane.createSnapshot('copy', 'blue', TAGS)).rejects.toBeInstanceOf(TemporarilyUnavailable);
});

it('a clone carries every setting of blue once it is settled, and none of the tags of an earlier run', async () => {
  await controlPlane.clone('green', 'copy', 'blue', TAGS);
  await expect(controlPlane.clone('green', 'copy', 'blue', TAGS)).rejects.toBeInstanceOf(TemporarilyUnavailable);
  expect(await controlPlane.describe('green')).toMatchObject({ status: 'creating' });
  expect(await controlPlane.describe('green')).not.toHaveProperty('address');
  await fixture.ready('green');

  const asked: string[] = [];
  for (;;) {
    const now = await controlPlane.settle('green', 'blue');
    if (now.length === 0) {
      break;
    }
    asked.push(...now);
    await fixture.ready('green');
  }
  expect(asked).toEqual([
    'maintenance window',
    'storage autoscaling limit',
    'enhanced monitoring',
    'Performance Insights',
    'the role for s3Import',
  ]);
  const green = await fixture.instance('green');
  expect(comparable(green)).toEqual(comparable(await fixture.instance('blue')));
  expect(await controlPlane.describe('green')).toMatchObject({
    deletionProtection: false,
    tags: { team: 'platform', ...TAGS },
    unsettled: [],
  });
});

it('a clone that waits for a reboot is not settled, and is rebooted once', async () => {
  await fixture.client.send(
    new ModifyDBParameterGroupCommand({
      DBParameterGroupName: 'tuned',
      Parameters: [{ ParameterName: 'max_connections', ParameterValue: '60', ApplyMethod: 'pending-reboot' }],
    }),
  );
  await fixture.reach(
    async () => (await fixture.instance('green')).DBParameterGroups?.[0]?.ParameterApplyStatus,
    'pending-reboot',
  );
  expect(await controlPlane.describe('green')).toMatchObject({
    unsettled: ['parameter group tuned is "pending-reboot"'],
  });
  expect(await controlPlane.settle('green', 'blue')).toEqual(['a reboot, for its parameter group']);
  expect(await controlPlane.settle('green', 'blue')).toEqual([]); // it is being rebooted
  await fixture.ready('green');
  expect(await controlPlane.describe('green')).toMatchObject({ unsettled: [] });
});

it('a pending modification is not settled', async () => {
  await fixture.client.send(
    new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'green', AllocatedStorage: 200, ApplyImmediately: false }),
  );
  expect(await controlPlane.describe('green')).toMatchObject({ unsettled: ['AllocatedStorage is pending'] });
});

it('tags are added to those that are there', async () => {
  await controlPlane.tag('green', { 'bluegreen:disposable': 'false' });
  expect((await controlPlane.describe('green'))?.tags).toEqual({
    team: 'platform',
    ...TAGS,
    'bluegreen:disposable': 'false',
  });
});

it('a protected database is not deleted, an unprotected one is, and deleting twice is one deletion', async () => {
  await controlPlane.setDeletionProtection('green', true);
  await controlPlane.setDeletionProtection('green', true);
  await fixture.ready('green'); // it took the pending storage along
  await expect(controlPlane.deleteDatabase('green')).rejects.toBeInstanceOf(ControlPlaneRefused);
  await controlPlane.setDeletionProtection('green', false);
  await controlPlane.deleteDatabase('green', 'last-of-green');
  await expect(controlPlane.deleteDatabase('green', 'last-of-green')).rejects.toBeInstanceOf(TemporarilyUnavailable);
  await fixture.reach(() => fixture.status('green'), undefined);
  expect(await controlPlane.describe('green')).toBeUndefined();
  expect(await controlPlane.describeSnapshot('last-of-green')).toMatchObject({ status: 'available' });
  await controlPlane.deleteSnapshot('last-of-green');
  await controlPlane.deleteSnapshot('copy');
  await fixture.reach(() => fixture.snapshotStatus('copy'), undefined);
  expect(await controlPlane.describeSnapshot('copy')).toBeUndefined();
});

it('a request that is wrong stays wrong', async () => {
  const error = await controlPlane.clone('green', 'nowhere', 'blue', {}).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'ControlPlaneRefused', code: 'DBSnapshotNotFoundFault' });
});

it.each([
  ['a refused connection', { code: 'ECONNREFUSED' }, true],
  ['a name that does not resolve', { code: 'ENOTFOUND' }, true],
  ['a network that is not there', { code: 'ENETUNREACH' }, true],
  ['throttling', { name: 'Throttling', $metadata: { httpStatusCode: 400 } }, true],
  ['a busy instance', { name: 'InvalidDBInstanceStateFault', $metadata: { httpStatusCode: 400 } }, true],
  ['a fault of the service', { name: 'Unheard', $metadata: { httpStatusCode: 503 } }, true],
  ['a missing right', { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }, false],
  ['a wrong parameter', { name: 'InvalidParameterCombination', $metadata: { httpStatusCode: 400 } }, false],
  ['a quota', { name: 'SnapshotQuotaExceededFault', $metadata: { httpStatusCode: 400 } }, false],
])('%s is told apart: worth another try or not', (_what, facts, passing) => {
  const error = explained('DescribeDBInstances', Object.assign(new Error('said no'), facts));
  expect(error).toBeInstanceOf(passing ? TemporarilyUnavailable : ControlPlaneRefused);
  expect(error.message).toContain('said no');
});
