/** The stack that is made from a plan alone: it imports what plan.json names and looks nothing up. */
import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Connections, type ISubnet, Port, SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Plan } from '../core/plan';
import { BlueGreenMigration } from './blue-green-migration';

const POSTGRES_PORT = 5432;

export interface BlueGreenStackProps extends StackProps {
  /** What to migrate, and how; `loadPlan` reads one from a folder. */
  readonly plan: Plan;

  /**
   * Ids of blue's security groups, to be given the rules that a run needs: see `database` of `BlueGreenMigration`. Deploying
   * fails on a group that has such a rule from elsewhere.
   *
   * @default - no rule is added; prepare refuses to begin where one is missing, and names it
   */
  readonly databaseSecurityGroupIds?: readonly string[];

  /**
   * Port of blue, for the rules of `databaseSecurityGroupIds`.
   *
   * @default 5432
   */
  readonly databasePort?: number;
}

export class BlueGreenStack extends Stack {
  readonly migration: BlueGreenMigration;

  constructor(
    scope: Construct,
    id: string,
    { plan, databaseSecurityGroupIds, databasePort = POSTGRES_PORT, ...props }: BlueGreenStackProps,
  ) {
    super(scope, id, { description: `Blue/green migration of ${plan.blue.identifier}, plan ${plan.name}`, ...props });
    const { network, blue } = plan;
    const { vpcId, availabilityZones } = network;
    this.migration = new BlueGreenMigration(this, 'Migration', {
      plan,
      vpc: Vpc.fromVpcAttributes(this, 'Vpc', { vpcId, availabilityZones }),
      vpcSubnets: { subnets: network.subnetIds.map((subnetId) => this.subnet(subnetId)) },
      securityGroups: network.securityGroupIds.map((groupId) =>
        SecurityGroup.fromSecurityGroupId(this, groupId, groupId, { mutable: false }),
      ),
      ...(databaseSecurityGroupIds && { database: this.database(databaseSecurityGroupIds, databasePort) }),
      secret: this.secret('Secret', blue.secretArn),
      ...(blue.applicationSecretArn
        ? { applicationSecret: this.secret('ApplicationSecret', blue.applicationSecretArn) }
        : {}),
    });
    new CfnOutput(this, 'StateMachineArn', {
      description: `Starts a run: aws stepfunctions start-execution --input '{}' --state-machine-arn …`,
      value: this.migration.stateMachine.stateMachineArn,
    });
  }

  private database(groupIds: readonly string[], port: number): Connections {
    const securityGroups = groupIds.map((groupId) =>
      SecurityGroup.fromSecurityGroupId(this, `Database ${groupId}`, groupId),
    );
    return new Connections({ securityGroups, defaultPort: Port.tcp(port) });
  }

  private subnet(subnetId: string): ISubnet {
    const subnet = Subnet.fromSubnetId(this, subnetId, subnetId);
    Annotations.of(subnet).acknowledgeWarning(
      '@aws-cdk/aws-ec2:noSubnetRouteTableId',
      'functions are placed in the subnet; its routes are not touched',
    );
    return subnet;
  }

  private secret(id: string, arn: string): ISecret {
    return Secret.fromSecretCompleteArn(this, id, arn);
  }
}
