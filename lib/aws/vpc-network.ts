/** The Network port in a VPC: tries connections from where this process runs, and reads security groups and subnets through the EC2 API. */
import {
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  type EC2Client,
  type IpPermission,
  type Subnet,
} from '@aws-sdk/client-ec2';
import type { Address } from '../core/run';
import type { Place, SecurityGroupRule } from '../core/security-groups';
import type { ApiName, ApiWay } from '../core/ways';
import { obstructionTo } from '../network/connection-attempt';
import type { Network, Placement } from '../ports/network';
import { type ApiClient, apiAddress } from './api-address';

export class VpcNetwork implements Network {
  /** @param clients of the APIs whose ways are tried */
  constructor(
    private readonly ec2: EC2Client,
    private readonly clients: Readonly<Partial<Record<ApiName, ApiClient>>>,
  ) {}

  apis(): Promise<readonly ApiWay[]> {
    const clients = Object.entries({ ...this.clients, EC2: this.ec2 }) as [ApiName, ApiClient][];
    return Promise.all(
      clients.map(async ([api, client]) => {
        const { address, tls } = await apiAddress(client);
        const obstruction = await obstructionTo(address, tls);
        return { api, address, ...(obstruction && { obstruction }) };
      }),
    );
  }

  obstruction(address: Address) {
    return obstructionTo(address, false);
  }

  async place({ securityGroupIds, subnetIds, dualStack }: Placement): Promise<Place | undefined> {
    try {
      const [{ SecurityGroups = [] }, { Subnets = [] }] = await Promise.all([
        this.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [...securityGroupIds] })),
        this.ec2.send(new DescribeSubnetsCommand({ SubnetIds: [...subnetIds] })),
      ]);
      return {
        groups: SecurityGroups.map(({ GroupId = '', IpPermissions = [], IpPermissionsEgress = [] }) => ({
          id: GroupId,
          inbound: IpPermissions.map(ruleOf),
          outbound: IpPermissionsEgress.map(ruleOf),
        })),
        ranges: Subnets.flatMap((subnet) => rangesOf(subnet, dualStack)),
      };
    } catch {
      return undefined; // rules nobody may read are unknown; they are no reason to refuse
    }
  }
}

function ruleOf(permission: IpPermission): SecurityGroupRule {
  const { IpProtocol = '', FromPort, ToPort } = permission;
  return {
    protocol: IpProtocol,
    ...(FromPort !== undefined && { fromPort: FromPort }),
    ...(ToPort !== undefined && { toPort: ToPort }),
    groups: named(permission.UserIdGroupPairs?.map(({ GroupId }) => GroupId)),
    ranges: named([
      ...(permission.IpRanges ?? []).map(({ CidrIp }) => CidrIp),
      ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6 }) => CidrIpv6),
    ]),
    prefixLists: named(permission.PrefixListIds?.map(({ PrefixListId }) => PrefixListId)),
  };
}

function rangesOf({ CidrBlock, Ipv6CidrBlockAssociationSet = [] }: Subnet, dualStack: boolean): string[] {
  const version6 = Ipv6CidrBlockAssociationSet.map(({ Ipv6CidrBlock }) => Ipv6CidrBlock);
  return named([CidrBlock, ...(dualStack ? version6 : [])]);
}

function named(values: readonly (string | undefined)[] = []): string[] {
  return values.filter((value) => value !== undefined);
}
