/** A small EC2 on 127.0.0.1: the security groups and subnets around the local instances, in the EC2 Query protocol. */
import { randomUUID } from 'node:crypto';
import { type EndpointResponse, type HttpEndpoint, serveHttp } from '../http/http-endpoint';
import { decodeForm, type FormTree, listMembers } from '../rds/protocol/form';
import { list, renderXml, type XmlTree } from '../rds/protocol/xml';
import {
  newSecurityGroup,
  permissionsView,
  type SecurityGroupRecord,
  sameAs,
  sentPermissions,
} from './security-group-record';

export interface LocalEc2Options {
  /** Made as EC2 makes them, all in one VPC. */
  readonly securityGroupIds: readonly string[];
  /** Each gets a range of addresses of its own. */
  readonly subnetIds: readonly string[];
  /** @default 123456789012 */
  readonly accountId?: string;
}

interface Account {
  readonly accountId: string;
  readonly groups: ReadonlyMap<string, SecurityGroupRecord>;
  readonly subnets: ReadonlyMap<string, string>;
}

class Ec2Fault extends Error {
  override readonly name = 'Ec2Fault';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const VPC = 'vpc-local';
const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';

type Action = (request: FormTree, account: Account) => XmlTree;

const ACTIONS: Readonly<Record<string, Action>> = {
  DescribeSecurityGroups: describeSecurityGroups,
  DescribeSubnets: describeSubnets,
  AuthorizeSecurityGroupIngress: (request, account) => authorize(request, account, 'inbound'),
  AuthorizeSecurityGroupEgress: (request, account) => authorize(request, account, 'outbound'),
  RevokeSecurityGroupIngress: (request, account) => revoke(request, account, 'inbound'),
  RevokeSecurityGroupEgress: (request, account) => revoke(request, account, 'outbound'),
};

export function ec2Actions(): string[] {
  return Object.keys(ACTIONS);
}

export async function serveEc2({
  securityGroupIds,
  subnetIds,
  accountId = '123456789012',
}: LocalEc2Options): Promise<HttpEndpoint> {
  const account = {
    accountId,
    groups: new Map(securityGroupIds.map((id) => [id, newSecurityGroup(id)])),
    subnets: new Map(subnetIds.map((id, index) => [id, `10.0.${index}.0/24`])),
  };
  return serveHttp({ name: 'The local EC2 endpoint', answer: async ({ body }) => answer(decodeForm(body), account) });
}

function answer(request: FormTree, account: Account): EndpointResponse {
  const name = String(request.get('Action') ?? '');
  try {
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!action) {
      throw new Ec2Fault('InvalidAction', `The action ${name} is not implemented by the local EC2 endpoint.`);
    }
    const body = renderXml({ requestId: randomUUID(), ...action(request, account) });
    return response(200, `<${name}Response xmlns="${NAMESPACE}">${body}</${name}Response>`);
  } catch (error) {
    if (!(error instanceof Ec2Fault)) {
      throw error;
    }
    const fault = { Errors: list('Error', [{ Code: error.code, Message: error.message }]), RequestID: randomUUID() };
    return response(400, renderXml({ Response: fault }));
  }
}

function response(status: number, xml: string): EndpointResponse {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`;
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body };
}

/** Without ids everything is described. */
function describeSecurityGroups(request: FormTree, { accountId, groups }: Account): XmlTree {
  const asked = listMembers(request.get('GroupId')).map(String);
  const found = (asked.length > 0 ? asked : [...groups.keys()]).map((id) => groupOf(groups, id));
  return {
    securityGroupInfo: list(
      'item',
      found.map(({ id, inbound, outbound }) => ({
        ownerId: accountId,
        groupId: id,
        groupName: id,
        groupDescription: id,
        vpcId: VPC,
        ipPermissions: permissionsView(inbound, accountId),
        ipPermissionsEgress: permissionsView(outbound, accountId),
      })),
    ),
  };
}

function describeSubnets(request: FormTree, { accountId, subnets }: Account): XmlTree {
  const asked = listMembers(request.get('SubnetId')).map(String);
  const found = asked.length > 0 ? asked : [...subnets.keys()];
  return {
    subnetSet: list(
      'item',
      found.map((subnetId) => {
        const cidrBlock = subnets.get(subnetId);
        if (cidrBlock === undefined) {
          throw new Ec2Fault('InvalidSubnetID.NotFound', `The subnet ID '${subnetId}' does not exist`);
        }
        return { subnetId, vpcId: VPC, ownerId: accountId, state: 'available', cidrBlock };
      }),
    ),
  };
}

type Direction = 'inbound' | 'outbound';

function authorize(request: FormTree, { groups }: Account, direction: Direction): XmlTree {
  const group = groupOf(groups, String(request.get('GroupId')));
  const added = sentPermissions(request.get('IpPermissions'));
  for (const permission of added) {
    if (permission.kind === 'group') {
      groupOf(groups, permission.peer);
    }
    if (group[direction].some(sameAs(permission))) {
      throw new Ec2Fault('InvalidPermission.Duplicate', `the specified rule "peer: ${permission.peer}" already exists`);
    }
  }
  group[direction] = [...group[direction], ...added];
  return { return: true };
}

function revoke(request: FormTree, { groups }: Account, direction: Direction): XmlTree {
  const group = groupOf(groups, String(request.get('GroupId')));
  for (const permission of sentPermissions(request.get('IpPermissions'))) {
    const kept = group[direction].filter((other) => !sameAs(permission)(other));
    if (kept.length === group[direction].length) {
      throw new Ec2Fault('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
    }
    group[direction] = kept;
  }
  return { return: true };
}

function groupOf(groups: Account['groups'], id: string): SecurityGroupRecord {
  const group = groups.get(id);
  if (!group) {
    throw new Ec2Fault('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
  }
  return group;
}
