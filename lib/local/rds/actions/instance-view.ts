/** Shows an instance as DescribeDBInstances does. */
import type { Account } from '../model/account';
import type { InstanceSettings } from '../model/instance-settings';
import type { InstanceRecord } from '../model/records';
import { shownStorage } from '../model/storage';
import { list, type XmlTree, type XmlValue } from '../protocol/xml';
import { tagList } from './tag-lists';

/** Like AWS's, it names no zone that exists here; it is there because clients read it. */
const HOSTED_ZONE = 'Z0000000LOCAL';

/** Of every subnet group, one per zone. */
export const SUBNET_IDS = ['subnet-local-a', 'subnet-local-b'] as const;

export function instanceView(instance: InstanceRecord, account: Account): XmlTree {
  const { settings } = instance;
  // An instance has no address before it is first available.
  const reachable = instance.status !== 'creating';
  return {
    ...plainSettings(settings),
    ...shownStorage(settings),
    DBInstanceIdentifier: instance.identifier,
    DBInstanceArn: account.arns.of('db', instance.identifier),
    DbiResourceId: instance.resourceId,
    DBInstanceStatus: instance.status,
    Engine: account.engine,
    EngineVersion: instance.engineVersion,
    MasterUsername: instance.masterUsername,
    MasterUserSecret: instance.masterUserSecretArn
      ? { SecretArn: instance.masterUserSecretArn, SecretStatus: 'active', KmsKeyId: 'alias/aws/secretsmanager' }
      : undefined,
    DBName: instance.databaseName,
    InstanceCreateTime: reachable ? new Date(instance.createdAt) : undefined,
    Endpoint: reachable ? { Address: '127.0.0.1', Port: instance.port, HostedZoneId: HOSTED_ZONE } : undefined,
    DbInstancePort: 0,
    SecondaryAvailabilityZone: settings.MultiAZ ? `${account.arns.region}b` : undefined,
    DBSubnetGroup: subnetGroup(String(settings.DBSubnetGroupName), account),
    VpcSecurityGroups: list(
      'VpcSecurityGroupMembership',
      texts(settings.VpcSecurityGroupIds).map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
    ),
    DBSecurityGroups: list('DBSecurityGroup', []),
    DBParameterGroups: list('DBParameterGroup', [
      { DBParameterGroupName: instance.parameterGroup, ParameterApplyStatus: instance.parameterApplyStatus },
    ]),
    OptionGroupMemberships: list('OptionGroupMembership', [
      { OptionGroupName: settings.OptionGroupName as string, Status: 'in-sync' },
    ]),
    EnabledCloudwatchLogsExports: list('member', texts(settings.EnabledCloudwatchLogsExports)),
    AssociatedRoles: list(
      'DBInstanceRole',
      instance.roles.map(({ roleArn, featureName }) => ({
        RoleArn: roleArn,
        FeatureName: featureName,
        Status: 'ACTIVE',
      })),
    ),
    CertificateDetails: { CAIdentifier: settings.CACertificateIdentifier as string },
    PendingModifiedValues: pendingView(instance),
    ReadReplicaSourceDBInstanceIdentifier: instance.replicaOf,
    ReadReplicaDBInstanceIdentifiers: list(
      'ReadReplicaDBInstanceIdentifier',
      account.instances
        .filter(({ replicaOf }) => replicaOf === instance.identifier)
        .map(({ identifier }) => identifier),
    ),
    StatusInfos: list('DBInstanceStatusInfo', []),
    DomainMemberships: list('DomainMembership', []),
    TagList: tagList(instance.tags),
    CustomerOwnedIpEnabled: false,
    MultiTenant: false,
  };
}

/** The settings that are shown under their own name and as they are. */
function plainSettings(settings: InstanceSettings): XmlTree {
  const elsewhere = [
    'DBSubnetGroupName',
    'VpcSecurityGroupIds',
    'OptionGroupName',
    'EnabledCloudwatchLogsExports',
    'Iops',
  ];
  const plain = Object.entries(settings).filter(([name]) => !elsewhere.includes(name));
  return Object.fromEntries(plain as [string, XmlValue][]);
}

function pendingView(instance: InstanceRecord): XmlTree {
  const pending = Object.entries(instance.pending) as [string, XmlValue][];
  return {
    ...Object.fromEntries(pending),
    DBInstanceIdentifier: instance.pendingIdentifier,
    MasterUserPassword:
      instance.operation?.masterPasswordVerifier && instance.status !== 'creating' ? '****' : undefined,
  };
}

function subnetGroup(name: string, { arns: { region, accountId } }: Account): XmlTree {
  return {
    DBSubnetGroupName: name,
    DBSubnetGroupDescription: name,
    DBSubnetGroupArn: `arn:aws:rds:${region}:${accountId}:subgrp:${name}`,
    VpcId: 'vpc-local',
    SubnetGroupStatus: 'Complete',
    Subnets: list(
      'Subnet',
      SUBNET_IDS.map((id) => ({
        SubnetIdentifier: id,
        SubnetAvailabilityZone: { Name: `${region}${id.at(-1)}` },
        SubnetStatus: 'Active',
      })),
    ),
    SupportedNetworkTypes: list('member', ['IPV4']),
  };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value : [];
}
