/** The construct: the state machine of one plan, with everything it needs to run. */
import { RemovalPolicy, Token } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import {
  Connections,
  type IConnectable,
  type ISecurityGroup,
  type IVpc,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import type { Grant, IGrantable, Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { DefinitionBody, LogLevel, QueryLanguage, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { PlanInvalid } from '../core/errors';
import { PHASES } from '../core/phases';
import type { Plan } from '../core/plan';
import { executionTimeout, type PhaseFunctions, workflow } from '../workflow/workflow';
import { acknowledgeWildcards } from './grant';
import type { FunctionName } from './grants';
import { Guard } from './guard';
import { handlerCode } from './handler-code';
import { PhaseFunction } from './phase-function';
import { planLayer } from './plan-layer';

export interface BlueGreenMigrationProps {
  /** What to migrate, and how; `loadPlan` reads one from a folder. */
  readonly plan: Plan;

  /** VPC the functions run in: one from which blue, and green in the same subnet group, can be reached. */
  readonly vpc: IVpc;

  /**
   * Subnets of the functions. They need a way to the APIs of RDS, Secrets Manager and Route 53; the last has no
   * interface endpoint, so this means a NAT gateway.
   *
   * @default - the private subnets of the VPC
   */
  readonly vpcSubnets?: SubnetSelection;

  /** Security groups of the functions; blue's own security groups must let them in. */
  readonly securityGroups: readonly ISecurityGroup[];

  /**
   * Blue, whose security groups get the rules that a run needs on its port: one that lets the functions in, and with `sync:
   * "replication"` one that lets members of the groups in, since green gets the same groups and the sides follow each other.
   * The rules are `AWS::EC2::SecurityGroupIngress` resources, or stand in a group that is made in the same app. A group that
   * was imported with `mutable: false` gets none.
   *
   * @default - no rule is added; prepare refuses to begin where one is missing, and names it
   */
  readonly database?: IConnectable;

  /** The secret `blue.secretArn` of the plan; the functions that log in to a database may read it. */
  readonly secret: ISecret;

  /**
   * The secret `blue.applicationSecretArn` of the plan; the phases that prove the freeze may read it.
   *
   * @default - the freeze is proved with a write attempt as the user of `secret`
   */
  readonly applicationSecret?: ISecret;

  /**
   * The key blue's storage is encrypted with.
   *
   * @default - the phase that creates green may use any key of the account through RDS
   */
  readonly encryptionKey?: IKey;

  /**
   * How long the logs of the functions and of the state machine are kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;

  /**
   * What happens to the logs when the construct is removed from its stack.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A blue/green migration of one database: a state machine that is started with `{}` once per run.
 *
 * @example
 * const plan = await loadPlan('migrations/orders');
 * new BlueGreenMigration(stack, 'Orders', { plan, vpc, securityGroups: [migrator], secret: blue.secret });
 */
export class BlueGreenMigration extends Construct {
  readonly stateMachine: StateMachine;
  /** The function of each phase. */
  readonly functions: PhaseFunctions;
  /** In alarm when the guard, which recovers runs that nothing works on any more, could not do its work; add your actions. */
  readonly guardAlarm: Alarm;

  /**
   * @throws PlanInvalid when a secret is not the one the plan names, since the functions read the one in the plan; or when
   * the plan names alarms, since nothing that is deployed watches them yet.
   */
  constructor(scope: Construct, id: string, props: BlueGreenMigrationProps) {
    super(scope, id);
    const { plan } = props;
    refuseWhatCannotWork(this, props);
    const logRetention = props.logRetention ?? RetentionDays.THREE_MONTHS;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    const code = handlerCode(this);
    letIn(props);
    const layer = planLayer(this, 'Plan', plan);
    const functionOf = (phase: FunctionName) =>
      new PhaseFunction(this, phase, {
        ...props,
        phase,
        code,
        planLayer: layer,
        vpcSubnets: props.vpcSubnets,
        applicationSecret: props.applicationSecret,
        encryptionKey: props.encryptionKey,
        logRetention,
        removalPolicy,
      }).function;
    const functions: Record<string, IFunction> = Object.fromEntries(PHASES.map((phase) => [phase, functionOf(phase)]));
    this.functions = functions as PhaseFunctions;
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      comment: `Blue/green migration of ${plan.blue.identifier}, plan ${plan.name}`,
      queryLanguage: QueryLanguage.JSONATA,
      definitionBody: DefinitionBody.fromChainable(workflow(new Construct(this, 'Workflow'), this.functions)),
      timeout: executionTimeout(plan),
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy }),
        level: LogLevel.ALL,
        // No secret is in it: the run document holds names, addresses and results; passwords are read inside the functions.
        includeExecutionData: true,
      },
    });
    this.acknowledgeMachineWildcards();
    const { alarm } = new Guard(this, 'Guard', {
      stateMachine: this.stateMachine,
      function: functionOf('guard'),
    });
    this.guardAlarm = alarm;
  }

  /** Lets `grantee` start runs, and nothing else. */
  grantStartExecution(grantee: IGrantable): Grant {
    return this.stateMachine.grants.startExecution(grantee);
  }

  /**
   * Runs that did not migrate, or did not stay so: rolled back, failed back, or in need of attention.
   *
   * @default - sum over five minutes
   */
  metricFailed(options?: MetricOptions): Metric {
    return this.stateMachine.metricFailed(options);
  }

  private acknowledgeMachineWildcards(): void {
    const role = this.stateMachine.role as Role;
    acknowledgeWildcards(role, ['*'], 'X-Ray and the delivery of logs to CloudWatch know no resources to name');
    for (const { functionArn } of Object.values(this.functions)) {
      acknowledgeWildcards(role, [`${functionArn}:*`], 'versions of exactly this function');
    }
  }
}

function letIn({ plan, database, securityGroups }: BlueGreenMigrationProps): void {
  const functions = new Connections({ securityGroups: [...securityGroups] });
  database?.connections.allowDefaultPortFrom(functions, `Migrations of plan ${plan.name}`);
  if (plan.sync === 'replication') {
    database?.connections.allowDefaultPortInternally('Blue and green follow each other');
  }
}

function refuseWhatCannotWork(scope: Construct, props: BlueGreenMigrationProps): void {
  const problems = [...otherSecrets(props), ...unwatchedAlarms(props.plan)];
  if (problems.length > 0) {
    throw new PlanInvalid(`the properties of ${scope.node.path}`, problems);
  }
}

function otherSecrets({ plan, secret, applicationSecret }: BlueGreenMigrationProps): string[] {
  const pairs = [
    ['secret', secret.secretArn, 'blue.secretArn', plan.blue.secretArn],
    ['applicationSecret', applicationSecret?.secretArn, 'blue.applicationSecretArn', plan.blue.applicationSecretArn],
  ] as const;
  return pairs
    .filter(([, given, , planned]) => !Token.isUnresolved(given) && given !== planned)
    .map(
      ([prop, given, key, planned]) =>
        `${prop}: ${given ?? 'missing'}; allowed: ${planned ?? 'none'}, as ${key} of the plan says; change one of the two`,
    );
}

/** An alarm that the plan relies on and nobody watches would be worse than none. */
function unwatchedAlarms({ bake }: Plan): string[] {
  return bake.alarms.length === 0
    ? []
    : [
        `plan: bake.alarms is ${JSON.stringify(bake.alarms)}; allowed: [], since in this version alarms are watched by the local runtime only, and what is deployed has nothing that reads CloudWatch; leave the list empty, let checks/ say what must hold on green, and start the failback by hand when an alarm fires`,
      ];
}
