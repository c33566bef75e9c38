/** The Lambda function of one phase: its code, its role, its logs, its place in the network. */
import { existsSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, type IFunction, type ILayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogLevel, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { invocationLimitSeconds } from '../core/invocation-limit';
import { PHASE_SENTENCES, type PhaseName } from '../core/phases';
import type { Plan } from '../core/plan';
import { type Grant, grantTo } from './grant';
import { databaseUsers, phaseGrants } from './grants';
import { PLAN_FILE } from './plan-layer';
import { resourceArns } from './resource-arns';

export interface PhaseFunctionProps {
  readonly phase: PhaseName;
  readonly plan: Plan;
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

export class PhaseFunction extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, props: PhaseFunctionProps) {
    super(scope, id);
    const { phase, plan } = props;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Phase ${phase} of the migrations of plan ${plan.name}`,
    });
    for (const grant of phaseGrants(phase, {
      plan,
      arns: resourceArns(this, plan),
      encryptionKey: props.encryptionKey,
    })) {
      grantTo(role, grant);
    }
    const logGroup = new LogGroup(this, 'Logs', { retention: props.logRetention, removalPolicy: props.removalPolicy });
    logGroup.grantWrite(role);
    this.function = new NodejsFunction(this, 'Function', {
      ...code(phase),
      role,
      logGroup,
      description: `[bluegreen/${plan.name}/${phase}] ${PHASE_SENTENCES[phase]}`,
      // Any Node.js from 20 on runs the code; 24 is the newest that Lambda offers, and supported the longest.
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 1024,
      timeout: Duration.seconds(invocationLimitSeconds(phase, plan)),
      layers: [props.planLayer],
      environment: { PLAN_FILE },
      awsSdkConnectionReuse: false,
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

function code(phase: PhaseName) {
  const lockFile = findUp(__dirname, ['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock']);
  return {
    // The handlers stand beside lib/, as .ts in a checkout and as .js in the package.
    entry: join(__dirname, '..', '..', 'lambdas', `${phase}${extname(__filename)}`),
    handler: 'handler',
    ...(lockFile ? { depsLockFilePath: lockFile, projectRoot: dirname(lockFile) } : {}),
    bundling: {
      format: OutputFormat.CJS,
      // Readable stack traces in the logs; the size does not matter.
      minify: false,
      // The Retry lists match error names, which are class names: a renamed class would never match.
      keepNames: true,
      // The runtime's own SDK lags behind, and does not know the newest RDS parameters.
      bundleAwsSDK: true,
      externalModules: ['pg-native'],
      logLevel: LogLevel.ERROR,
    },
  };
}

function findUp(folder: string, names: readonly string[]): string | undefined {
  const found = names.map((name) => join(folder, name)).find((path) => existsSync(path));
  const parent = dirname(folder);
  return found ?? (parent === folder ? undefined : findUp(parent, names));
}
