/** The Lambda function of one phase, or of the guard: its code, its role, its logs, its place in the network. */
import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  type Code,
  type ILayerVersion,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { invocationLimitSeconds } from '../core/invocation-limit';
import { PHASE_ROWS } from '../core/phases';
import type { Plan } from '../core/plan';
import type { Grant } from '../ports/grant';
import { grantTo } from './grant';
import { grantTarget } from './grant-target';
import { databaseUsers, type FunctionName, grantsOf } from './grants';
import { PLAN_FILE } from './plan-layer';

export interface PhaseFunctionProps {
  readonly phase: FunctionName;
  readonly plan: Plan;
  /** Of all functions; the handler of each is exported under the name of its phase. */
  readonly code: Code;
  readonly planLayer: ILayerVersion;
  readonly vpc: IVpc;
  readonly vpcSubnets: SubnetSelection | undefined;
  readonly securityGroups: readonly ISecurityGroup[];
  readonly secret: ISecret;
  readonly applicationSecret: ISecret | undefined;
  readonly encryptionKey: IKey | undefined;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

const GUARD_SENTENCE = 'Recover runs that nothing works on any more';

export class PhaseFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: PhaseFunctionProps) {
    super(scope, id);
    const { phase, plan } = props;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `${phase} in the migrations of plan ${plan.name}`,
    });
    for (const grant of grantsOf(phase, grantTarget(this, plan, props.encryptionKey))) {
      grantTo(role, grant);
    }
    const logGroup = new LogGroup(this, 'Logs', { retention: props.logRetention, removalPolicy: props.removalPolicy });
    logGroup.grantWrite(role);
    this.function = new LambdaFunction(this, 'Function', {
      code: props.code,
      handler: `index.${phase}`,
      role,
      logGroup,
      description: `[bluegreen/${plan.name}/${phase}] ${phase === 'guard' ? GUARD_SENTENCE : PHASE_ROWS[phase].sentence}`,
      // Any Node.js from 20 on runs the code; 24 is the newest that Lambda offers, and supported the longest.
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 1024,
      timeout: Duration.seconds(invocationLimitSeconds(phase, plan)),
      layers: [props.planLayer],
      environment: { PLAN_FILE },
      ...connectToDatabase(role, props),
    });
  }
}

/** Places a phase that logs in where the databases are, and lets it read the passwords it logs in with. */
function connectToDatabase(role: Role, props: PhaseFunctionProps) {
  const users = databaseUsers(props.phase);
  if (users === 'none') {
    return {};
  }
  props.secret.grantRead(role);
  if (users === 'run-and-application') {
    props.applicationSecret?.grantRead(role);
  }
  grantTo(role, NETWORK_INTERFACES);
  return {
    vpc: props.vpc,
    ...(props.vpcSubnets ? { vpcSubnets: props.vpcSubnets } : {}),
    securityGroups: [...props.securityGroups],
  };
}

const NETWORK_INTERFACES: Grant = {
  actions: [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
  resources: ['*'],
  wildcard: 'Lambda attaches a function to a VPC with these rights and checks them without naming a resource',
};
