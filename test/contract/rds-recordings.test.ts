/** The local RDS describes an instance as the real one was recorded doing, field by field. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AddRoleToDBInstanceCommand, type DBInstance } from '@aws-sdk/client-rds';
import { restoreSettings } from '../../lib/shapes/instance/carried-settings';
import { RdsFixture } from './rds-fixture';

const NEIGHBOUR = resolve(__dirname, '../../../shared/rds-recordings/recordings.jsonl');
const file = process.env.RDS_RECORDINGS ?? NEIGHBOUR;

/** What the local RDS does not describe, by its path, with the reason. */
const NOT_DESCRIBED: Readonly<Record<string, string>> = {
  LatestRestorableTime: 'there are no automated backups',
  EnhancedMonitoringResourceArn: 'there are no logs of the operating system',
  ActivityStreamStatus: 'there are no activity streams',
  KmsKeyId: 'nothing is encrypted here, where the instance was',
  PerformanceInsightsKMSKeyId: 'nothing is encrypted here, where the instance was',
  PerformanceInsightsRetentionPeriod: 'there are no insights here, where the instance had them',
  ReadReplicaSourceDBInstanceIdentifier: 'the instance is no replica here',
  'CertificateDetails.ValidTill': 'the local servers have no certificate',
  'DBSubnetGroup.Subnets[].SubnetOutpost': 'there are no outposts',
};

interface Recording {
  readonly operation: string;
  readonly statusCode: number;
  readonly data: { readonly DBInstances?: readonly DBInstance[] };
}

function recordedInstances(): DBInstance[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recording)
    .filter(({ operation, statusCode }) => operation === 'DescribeDBInstances' && statusCode === 200)
    .flatMap(({ data }) => data.DBInstances ?? [])
    .filter(({ Engine, DBInstanceStatus }) => Engine === 'postgres' && DBInstanceStatus !== undefined);
}

/** The kind of each value, by its path; a list's members have one path. */
function kindsOf(value: unknown, path = ''): [string, string][] {
  if (Array.isArray(value)) {
    return [[path, 'list'], ...value.flatMap((member) => kindsOf(member, `${path}[]`))];
  }
  if (value instanceof Date || (value as { __class__?: string } | null)?.__class__ === 'datetime') {
    return [[path, 'time']];
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).flatMap(([name, member]) => kindsOf(member, path ? `${path}.${name}` : name));
    return path === '' ? fields : [[path, 'structure'], ...fields];
  }
  return value === undefined ? [] : [[path, typeof value]];
}

if (existsSync(file)) {
  const recorded = recordedInstances();
  let fixture: RdsFixture;
  let described: DBInstance;
  beforeAll(async () => {
    fixture = await RdsFixture.open();
    await fixture.createBlue({
      MaxAllocatedStorage: 100,
      MultiAZ: true,
      MonitoringInterval: 60,
      MonitoringRoleArn: 'arn:aws:iam::123456789012:role/monitoring',
      EnableCloudwatchLogsExports: ['postgresql'],
      Tags: [{ Key: 'team', Value: 'orders' }],
    });
    const role = { RoleArn: 'arn:aws:iam::123456789012:role/import', FeatureName: 's3Import' };
    await fixture.client.send(new AddRoleToDBInstanceCommand({ DBInstanceIdentifier: 'blue', ...role }));
    described = await fixture.instance('blue');
  });
  afterAll(() => fixture.close());

  test('there are recorded instances of PostgreSQL', () => {
    expect(recorded.length).toBeGreaterThan(0);
  });

  test('every recorded field is described, and of the same kind', () => {
    const local = new Map(kindsOf(described));
    const empty = [...local].filter(([path, kind]) => kind === 'list' && !local.has(`${path}[]`)).map(([path]) => path);
    const comparable = ([path]: [string, string]) =>
      !path.startsWith('PendingModifiedValues.') &&
      !empty.some((list) => path.startsWith(`${list}[]`)) &&
      !Object.keys(NOT_DESCRIBED).some((known) => path === known || path.startsWith(`${known}.`));
    const differences = recorded
      .flatMap((instance) => kindsOf(instance).filter(comparable))
      .filter(([path, kind]) => local.get(path) !== kind)
      .map(([path, kind]) => `${path}: recorded as ${kind}, described as ${local.get(path) ?? 'nothing'}`);
    expect([...new Set(differences)]).toEqual([]);
  });

  test('a clone of no recorded instance asks for what RDS refuses', () => {
    for (const instance of recorded) {
      const { StorageType, Iops, StorageThroughput } = restoreSettings(instance, instance.AllocatedStorage);
      expect({ StorageType, Iops, StorageThroughput }).toEqual({
        StorageType: instance.StorageType,
        Iops: StorageType?.startsWith('io') ? instance.Iops : undefined,
        StorageThroughput: undefined,
      });
    }
  });
} else {
  test.skip(`the recorded answers of RDS are compared (skipped: no file at RDS_RECORDINGS or ${NEIGHBOUR})`, () => {});
}
