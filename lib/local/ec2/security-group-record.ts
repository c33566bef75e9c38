/** A security group as EC2 keeps it: each permission names one peer; requests and answers put those of the same ports together. */
import { type FormNode, type FormTree, listMembers } from '../rds/protocol/form';
import { list, type XmlList } from '../rds/protocol/xml';

/** Where a peer stands in a permission: in the request, in the answer, and under which name in both. */
const PEERS = [
  { kind: 'group', sent: ['Groups', 'GroupId'], shown: ['groups', 'groupId'] },
  { kind: 'range', sent: ['IpRanges', 'CidrIp'], shown: ['ipRanges', 'cidrIp'] },
  { kind: 'range of IPv6', sent: ['Ipv6Ranges', 'CidrIpv6'], shown: ['ipv6Ranges', 'cidrIpv6'] },
  { kind: 'prefix list', sent: ['PrefixListIds', 'PrefixListId'], shown: ['prefixListIds', 'prefixListId'] },
] as const;

export interface Permission {
  /** `-1` is every protocol, and has no ports. */
  readonly protocol: string;
  readonly fromPort?: string;
  readonly toPort?: string;
  readonly kind: (typeof PEERS)[number]['kind'];
  readonly peer: string;
}

export interface SecurityGroupRecord {
  readonly id: string;
  inbound: readonly Permission[];
  outbound: readonly Permission[];
}

/** As EC2 makes one: nobody is let in, and out to everybody. */
export function newSecurityGroup(id: string): SecurityGroupRecord {
  return { id, inbound: [], outbound: [{ protocol: '-1', kind: 'range', peer: '0.0.0.0/0' }] };
}

/** Reads the parameter IpPermissions. */
export function sentPermissions(node: FormNode | undefined): Permission[] {
  return listMembers(node).flatMap((member) => {
    const permission = member as FormTree;
    const given = text(permission, 'IpProtocol');
    const protocol = given === '6' ? 'tcp' : given;
    const ports = {
      ...(permission.has('FromPort') && { fromPort: text(permission, 'FromPort') }),
      ...(permission.has('ToPort') && { toPort: text(permission, 'ToPort') }),
    };
    return PEERS.flatMap(({ kind, sent: [name, field] }) =>
      listMembers(permission.get(name)).map((peer) => ({
        protocol,
        ...(protocol !== '-1' && ports),
        kind,
        peer: text(peer as FormTree, field),
      })),
    );
  });
}

export function sameAs(one: Permission): (other: Permission) => boolean {
  return (other) => portsOf(one) === portsOf(other) && one.kind === other.kind && one.peer === other.peer;
}

export function permissionsView(permissions: readonly Permission[], accountId: string): XmlList {
  const places = [...new Set(permissions.map(portsOf))];
  return list(
    'item',
    places.map((place) => {
      const together = permissions.filter((permission) => portsOf(permission) === place);
      const [{ protocol, fromPort, toPort } = { protocol: '-1' }] = together;
      const peers = PEERS.map(({ kind, shown: [name, field] }) => [
        name,
        list(
          'item',
          together
            .filter((permission) => permission.kind === kind)
            .map(({ peer }) => ({ [field]: peer, ...(kind === 'group' && { userId: accountId }) })),
        ),
      ]);
      return { ipProtocol: protocol, fromPort, toPort, ...Object.fromEntries(peers) };
    }),
  );
}

function portsOf({ protocol, fromPort, toPort }: Permission): string {
  return `${protocol} ${fromPort} ${toPort}`;
}

function text(tree: FormTree, name: string): string {
  const node = tree.get(name);
  return typeof node === 'string' ? node : '';
}
