/** The ways a run needs, to APIs, to the servers and between them, and what to do where one is closed, in words. */
import type { PlanSettings } from './plan';
import type { Address } from './run';
import type { Passages } from './security-groups';

/** The APIs the functions call, by the name of the service. */
export type ApiName = 'RDS' | 'Secrets Manager' | 'Route 53' | 'EC2';

/** Why no connection could be made. */
export interface Obstruction {
  /** `name`: the host's name does not resolve. `way`: it does, and nothing comes back. */
  readonly kind: 'name' | 'way';
  readonly message: string;
}

export interface ApiWay {
  readonly api: ApiName;
  readonly address: Address;
  readonly obstruction?: Obstruction;
}

/** Interface endpoints by the last part of their names; Route 53 is reached through the internet only, as far as the CDK knows. */
const ENDPOINT_SERVICES: Readonly<Partial<Record<ApiName, string>>> = {
  RDS: 'rds',
  'Secrets Manager': 'secretsmanager',
  EC2: 'ec2',
};

type WayPlan = Pick<PlanSettings, 'blue' | 'network'>;

export function closedApiInWords({ api, address, obstruction }: ApiWay, plan: WayPlan): string {
  const where = `the API of ${api} (${address.host}:${address.port}) cannot be reached from ${functionsOf(plan)}: ${obstruction?.message}`;
  const service = ENDPOINT_SERVICES[api];
  const endpoint = service && `an interface endpoint com.amazonaws.${regionOf(plan)}.${service} with private DNS names`;
  const names = obstruction?.kind === 'name' ? 'turn on DNS resolution (enableDnsSupport) of the VPC; ' : '';
  return `${where}; ${names}route the subnets through a NAT gateway${endpoint ? `, or give the VPC ${endpoint} whose security group lets the functions in on port 443,` : ' (it has no interface endpoint)'} and let their security groups out to port 443`;
}

export interface ServerWay {
  readonly side: 'blue' | 'green';
  readonly address: Address;
  readonly obstruction: Obstruction;
  /** What the security groups say of it; undefined where they were not read. */
  readonly passages: Passages | undefined;
  /** The security groups of the side. */
  readonly groups: readonly string[];
}

export function closedServerInWords(
  { side, address, obstruction, passages, groups }: ServerWay,
  plan: WayPlan,
): string {
  const where = `${side} (${address.host}:${address.port}) cannot be reached from ${functionsOf(plan)}: ${obstruction.message}`;
  const [own = '<security group of the functions>'] = plan.network.securityGroupIds;
  if (obstruction.kind === 'name') {
    return `${where}; turn on DNS resolution and DNS host names of the VPC the functions are in`;
  }
  if (passages?.inbound === 'closed') {
    return `${where}; no inbound rule of its security groups (${groups.join(', ')}) lets the functions in: ${allow('ingress', groups[0], { port: address.port, peer: own })}`;
  }
  if (passages?.outbound === 'closed') {
    return `${where}; no outbound rule of the functions' security groups lets them out to it: ${allow('egress', own, { port: address.port, peer: groups[0] })}`;
  }
  return `${where}; look at the security groups of both ends (${plan.network.securityGroupIds.join(', ')} and ${groups.join(', ')}), at the network ACLs of their subnets, and at the routes if they are in different VPCs`;
}

/** Green gets blue's groups, so whether a member lets another in decides whether the sides can follow each other. */
export function closedBetweenMembersInWords(passages: Passages, groups: readonly string[], port: number): string[] {
  const names = groups.join(', ');
  const why = `green gets blue's security groups (${names}), and each side has to reach the other one on port ${port} to follow it`;
  const closed: string[] = [];
  if (passages.inbound === 'closed') {
    closed.push(
      `${why}, but no inbound rule of theirs lets their own members in; add one: ${allow('ingress', groups[0], { port, peer: groups[0] })}, or in the CDK connections.allowInternally(Port.tcp(${port})) of blue`,
    );
  }
  if (passages.outbound === 'closed') {
    closed.push(
      `${why}, but no outbound rule of theirs lets them out to their own members; add one: ${allow('egress', groups[0], { port, peer: groups[0] })}`,
    );
  }
  return closed;
}

function allow(
  direction: 'ingress' | 'egress',
  group: string | undefined,
  { port, peer }: { readonly port: number; readonly peer: string | undefined },
): string {
  const permission = `IpProtocol=tcp,FromPort=${port},ToPort=${port},UserIdGroupPairs=[{GroupId=${peer}}]`;
  return `aws ec2 authorize-security-group-${direction} --group-id ${group} --ip-permissions '${permission}'`;
}

function functionsOf({ network }: WayPlan): string {
  return `the functions' subnets (${network.subnetIds.join(', ')})`;
}

/** The region the functions are in is that of the secret they read. */
function regionOf({ blue }: WayPlan): string {
  return blue.secretArn.split(':')[3] ?? '<region>';
}
