/** A complete plan made by hand, for tests that need one and not the files it would come from. */
import type { Plan } from '../../lib/core/plan';

export function planFixture(overrides: Partial<Plan> = {}): Plan {
  return {
    name: 'orders',
    blue: {
      identifier: 'orders-prod',
      database: 'orders',
      secretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-owner-AbCdEf',
      applicationSecretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-app-GhIjKl',
    },
    sync: 'freeze',
    followedDatabases: [],
    abandonedDatabases: [],
    acceptOneWay: false,
    endpoint: {
      type: 'route53',
      hostedZoneId: 'Z0123456789ABCDEFGHIJ',
      recordName: 'orders.db.internal',
      ttlSeconds: 5,
    },
    network: {
      vpcId: 'vpc-0a1b2c3d',
      availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      subnetIds: ['subnet-0a1b2c3d', 'subnet-4e5f6a7b'],
      securityGroupIds: ['sg-0a1b2c3d'],
    },
    snapshot: { keep: false },
    freeze: { timeoutSeconds: 7_200 },
    follow: { timeoutSeconds: 86_400, maxWalKeptMiB: 51_200 },
    validation: {
      lockTimeoutMs: 500,
      parallelism: 2,
      timeoutSeconds: 14_400,
      timeZone: 'UTC',
      slowerThan: 1.5,
      driftBeyond: 0.2,
    },
    report: { showValues: false, rowsNamed: 10 },
    switchover: { timeoutSeconds: 30, attempts: 3, maxLagMiB: 16 },
    bake: { seconds: 3_600, alarms: [] },
    retire: { blue: 'delete', finalSnapshot: true },
    local: { writers: 4, dnsTtlSeconds: 0 },
    changes: [],
    checks: [{ file: 'no_orphans.sql', kind: 'no-rows', sql: 'select 1 where false' }],
    ...overrides,
  };
}
