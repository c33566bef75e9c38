import { Match } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { BlueGreenMigration } from '../../lib/constructs/blue-green-migration';
import { synthesizeDefinition } from '../../lib/constructs/synthesized-definition';
import { PlanInvalid } from '../../lib/core/errors';
import { planFixture } from '../support/plan-fixture';
import { readable, withStack } from '../support/synthesized-stack';

const template = withStack(planFixture(), (synthesized) => synthesized.template);
const functions = Object.values(template.findResources('AWS::Lambda::Function')).map(({ Properties }) => Properties);

function functionOf(phase: string) {
  const found = functions.find(({ Description }) => Description.startsWith(`[bluegreen/orders/${phase}] `));
  if (!found) {
    throw new Error(`no function of phase ${phase}`);
  }
  return found;
}

describe('the stack of a plan', () => {
  it('has one function per phase and one for the guard, described by its sentence', () => {
    expect(functions.map(({ Description }) => Description).sort()).toEqual([
      '[bluegreen/orders/bake] Watch green while blue is kept',
      '[bluegreen/orders/clone] Clone green from the snapshot',
      '[bluegreen/orders/failback] Move the application back to blue',
      '[bluegreen/orders/follow] Let green follow blue',
      '[bluegreen/orders/guard] Recover runs that nothing works on any more',
      '[bluegreen/orders/migrate] Apply the changes to green',
      '[bluegreen/orders/prepare] Check blue and take the lock',
      '[bluegreen/orders/retire] Retire blue',
      '[bluegreen/orders/rollback] Give blue back to the application',
      '[bluegreen/orders/snapshot] Take a snapshot of blue',
      '[bluegreen/orders/switchover] Move the application to green',
      '[bluegreen/orders/validate] Prove that green equals blue',
    ]);
  });

  it('gives every function a log group of its own that forgets after three months', () => {
    const groups = template.findResources('AWS::Logs::LogGroup');
    expect(Object.values(groups).map(({ Properties }) => Properties.RetentionInDays)).toEqual(Array(13).fill(90));
    expect(Object.values(groups).map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(Array(13).fill('Retain'));
    const used = functions.map(({ LoggingConfig }) => LoggingConfig.LogGroup.Ref);
    expect(new Set(used).size).toBe(12);
    expect(Object.keys(groups)).toEqual(expect.arrayContaining(used));
  });

  it('gives every function a role of its own', () => {
    expect(new Set(functions.map(({ Role }) => readable(Role))).size).toBe(12);
  });

  it('tells the functions nothing but where the plan is, and the guard whose executions it looks after', () => {
    const stateMachine = { STATE_MACHINE_ARN: { Ref: expect.stringMatching(/^MigrationStateMachine/) } };
    for (const one of functions) {
      const { Environment, Layers } = one;
      const more = one === functionOf('guard') ? stateMachine : {};
      expect(Environment).toEqual({ Variables: { PLAN_FILE: '/opt/plan.json', ...more } });
      expect(Layers).toHaveLength(1);
    }
  });

  it('lets switchover and failback run four minutes longer than their budget, and everything else as long as Lambda allows', () => {
    const shorter = functions.filter(({ Timeout }) => Timeout !== 900);
    expect(shorter).toEqual(expect.arrayContaining([functionOf('switchover'), functionOf('failback')]));
    expect(shorter.map(({ Timeout }) => Timeout)).toEqual([270, 270]);
  });

  it('places every phase in the network of the plan, since each logs in to a database', () => {
    expect(functions.map(({ VpcConfig }) => VpcConfig)).toEqual(
      Array(12).fill({ SecurityGroupIds: ['sg-0a1b2c3d'], SubnetIds: ['subnet-0a1b2c3d', 'subnet-4e5f6a7b'] }),
    );
  });

  it('logs and traces every execution', () => {
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineType: Match.absent(),
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: true },
      TracingConfiguration: { Enabled: true },
    });
  });

  it('holds neither the account nor the region, so that it synthesizes without credentials', () => {
    expect(JSON.stringify(template.toJSON())).not.toMatch(/dummy-value|eu-west-1a/);
  });

  it('tells the ARN of the state machine', () => {
    template.hasOutput('StateMachineArn', { Value: { Ref: Match.stringLikeRegexp('StateMachine') } });
  });

  it('runs the same definition that engines elsewhere get', () => {
    const [machine] = Object.values(template.findResources('AWS::StepFunctions::StateMachine'));
    const deployed = JSON.parse(readable(machine?.Properties.DefinitionString).replaceAll('<Partition>', 'aws'));
    const { definition, functions: names } = synthesizeDefinition(planFixture());
    let text = JSON.stringify(deployed);
    for (const [phase, name] of Object.entries(names)) {
      text = text.replace(new RegExp(`<Migration${phase}Function[0-9A-F]{8}\\.Arn>`, 'g'), name);
    }
    expect(definition).toEqual(JSON.parse(text));
  });
});

describe('the plan layer', () => {
  const keyOf = (plan = planFixture()) =>
    withStack(plan, (synthesized) => {
      const [layer] = Object.values(synthesized.template.findResources('AWS::Lambda::LayerVersion'));
      return layer?.Properties.Content.S3Key as string;
    });

  it('has the same hash for the same plan, and another for another', () => {
    expect(keyOf()).toBe(keyOf());
    expect(keyOf(planFixture({ bake: { seconds: 60, alarms: [] } }))).not.toBe(keyOf());
  });
});

describe('alarms', () => {
  const alarmed = planFixture({ bake: { seconds: 60, alarms: ['orders-5xx', 'orders "late"'] } });

  it('are refused where the stack is made for a deployment, since nothing there would watch them', () => {
    expect(() => withStack(alarmed, () => undefined)).toThrow(PlanInvalid);
    expect(() => withStack(alarmed, () => undefined)).toThrow(
      [
        'the properties of bluegreen-orders/Migration cannot be used:',
        '  - plan: bake.alarms is ["orders-5xx","orders \\"late\\""]; allowed: [], since in this version alarms are watched by the local runtime only, and what is deployed has nothing that reads CloudWatch; leave the list empty, let checks/ say what must hold on green, and start the failback by hand when an alarm fires',
      ].join('\n'),
    );
  });

  it('do not keep the local runtime from running the very same definition', () => {
    expect(synthesizeDefinition(alarmed)).toEqual(
      synthesizeDefinition(planFixture({ bake: { seconds: 60, alarms: [] } })),
    );
  });
});

describe('bad properties', () => {
  it('refuses a secret that is not the one the functions will read', () => {
    withStack(planFixture(), ({ stack }) => {
      const secret = (id: string, name: string) =>
        Secret.fromSecretCompleteArn(stack, id, `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`);
      const vpc = Vpc.fromVpcAttributes(stack, 'OtherVpc', { vpcId: 'vpc-1', availabilityZones: ['a'] });
      expect(
        () =>
          new BlueGreenMigration(stack, 'Other', {
            plan: planFixture(),
            vpc,
            securityGroups: [],
            secret: secret('A', 'somebody-else-AbCdEf'),
          }),
      ).toThrow(
        [
          'the properties of bluegreen-orders/Other cannot be used:',
          '  - secret: arn:aws:secretsmanager:eu-west-1:123456789012:secret:somebody-else-AbCdEf; allowed: arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-owner-AbCdEf, as blue.secretArn of the plan says; change one of the two',
          '  - applicationSecret: missing; allowed: arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-app-GhIjKl, as blue.applicationSecretArn of the plan says; change one of the two',
        ].join('\n'),
      );
    });
  });
});
