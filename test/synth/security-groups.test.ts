/** The rules a run needs, in the stacks that are given blue; and none in those that are not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { DatabaseInstance } from 'aws-cdk-lib/aws-rds';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { BlueGreenMigration } from '../../lib/constructs/blue-green-migration';
import { BlueGreenStack, type BlueGreenStackProps } from '../../lib/constructs/blue-green-stack';
import type { Plan } from '../../lib/core/plan';
import { planFixture } from '../support/plan-fixture';

const replication = planFixture({ sync: 'replication' });

function ingress(make: (app: App) => Stack): object[] {
  const outdir = mkdtempSync(join(tmpdir(), 'bluegreen-test-'));
  try {
    const stack = make(new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] } }));
    const rules = Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress');
    return Object.values(rules).map(({ Properties: { Description, ...rule } }) => rule);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const ofPlan = (plan: Plan, props: Omit<BlueGreenStackProps, 'plan'> = {}) =>
  ingress((app) => new BlueGreenStack(app, 'Stack', { plan, ...props }));

const rule = (group: string, source: string, port: number) => ({
  GroupId: group,
  SourceSecurityGroupId: source,
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
});

test('no rule is added to groups nobody named', () => {
  expect(ofPlan(replication)).toEqual([]);
});

test("blue's groups let the functions in, and each other's members where green is to follow", () => {
  const rules = ofPlan(replication, { databaseSecurityGroupIds: ['sg-0db0db0d'], databasePort: 6432 });
  expect(rules).toHaveLength(2);
  expect(rules).toEqual(
    expect.arrayContaining([rule('sg-0db0db0d', 'sg-0a1b2c3d', 6432), rule('sg-0db0db0d', 'sg-0db0db0d', 6432)]),
  );
});

test('where nothing follows, the functions alone are let in', () => {
  expect(ofPlan(planFixture({ sync: 'freeze' }), { databaseSecurityGroupIds: ['sg-0db0db0d'] })).toEqual([
    rule('sg-0db0db0d', 'sg-0a1b2c3d', 5432),
  ]);
});

test('blue as an object is enough, also one that was imported', () => {
  const { blue } = replication;
  const rules = ingress((app) => {
    const stack = new Stack(app, 'Stack');
    new BlueGreenMigration(stack, 'Migration', {
      plan: replication,
      vpc: Vpc.fromVpcAttributes(stack, 'Vpc', {
        vpcId: 'vpc-0a1b2c3d',
        availabilityZones: ['a'],
        privateSubnetIds: ['subnet-0a1b2c3d'],
      }),
      securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Functions', 'sg-0f0f0f0f')],
      secret: Secret.fromSecretCompleteArn(stack, 'Secret', blue.secretArn),
      applicationSecret: Secret.fromSecretCompleteArn(stack, 'ApplicationSecret', blue.applicationSecretArn ?? ''),
      database: DatabaseInstance.fromDatabaseInstanceAttributes(stack, 'Blue', {
        instanceIdentifier: blue.identifier,
        instanceEndpointAddress: 'blue.example',
        port: 5433,
        securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Database', 'sg-0db0db0d')],
      }),
    });
    return stack;
  });
  expect(rules).toHaveLength(2);
  expect(rules).toEqual(
    expect.arrayContaining([rule('sg-0db0db0d', 'sg-0f0f0f0f', 5433), rule('sg-0db0db0d', 'sg-0db0db0d', 5433)]),
  );
});
