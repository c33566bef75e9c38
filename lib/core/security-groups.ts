/** Which connections security groups let through, as far as their rules tell. */
import { covers, isVersion6, overlaps } from './address-range';

/** One permission of a group: a protocol, ports, and who may be on the other end. */
export interface SecurityGroupRule {
  /** As EC2 gives it: `tcp`, a protocol's number, or `-1` for all of them. */
  readonly protocol: string;
  /** Absent where the protocol stands for every port. */
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly groups: readonly string[];
  readonly ranges: readonly string[];
  /** Lists of ranges whose entries were not read. */
  readonly prefixLists: readonly string[];
}

export interface SecurityGroup {
  readonly id: string;
  readonly inbound: readonly SecurityGroupRule[];
  readonly outbound: readonly SecurityGroupRule[];
}

/** Where a connection begins or ends: a member of all of these groups, with an address somewhere in these ranges. */
export interface Place {
  readonly groups: readonly SecurityGroup[];
  readonly ranges: readonly string[];
}

/** `unknown`: it depends on what the rules alone do not tell, such as the address the member gets. */
export type Passage = 'open' | 'closed' | 'unknown';

/** What a connection has to pass on its way: the rules of those it leaves, and of those it comes to. */
export interface Passages {
  readonly outbound: Passage;
  readonly inbound: Passage;
}

/** The groups of one member add up: what one of them allows is allowed. */
export function passages(from: Place, to: Place, port: number): Passages {
  return {
    outbound: passage(
      from.groups.flatMap(({ outbound }) => outbound),
      to,
      port,
    ),
    inbound: passage(
      to.groups.flatMap(({ inbound }) => inbound),
      from,
      port,
    ),
  };
}

function passage(rules: readonly SecurityGroupRule[], peer: Place, port: number): Passage {
  const ofPort = rules.filter((rule) => concerns(rule, port));
  const ids = new Set(peer.groups.map(({ id }) => id));
  if (ofPort.some(({ groups }) => groups.some((id) => ids.has(id)))) {
    return 'open';
  }
  const ranges = ofPort.flatMap((rule) => rule.ranges);
  if (coversAll(ranges, peer.ranges)) {
    return 'open';
  }
  const perhaps =
    ofPort.some(({ prefixLists }) => prefixLists.length > 0) ||
    ranges.some((range) => peer.ranges.length === 0 || peer.ranges.some((other) => overlaps(range, other)));
  return perhaps ? 'unknown' : 'closed';
}

/** EC2 knows TCP by name and, in rules that were made so, by number. */
function concerns({ protocol, fromPort, toPort }: SecurityGroupRule, port: number): boolean {
  if (protocol === '-1') {
    return true;
  }
  return ['tcp', '6'].includes(protocol) && (fromPort ?? 0) <= port && port <= (toPort ?? 65_535);
}

/** A member with addresses of both versions is reached by either. */
function coversAll(ranges: readonly string[], peers: readonly string[]): boolean {
  return [false, true].some((version6) => {
    const ofVersion = peers.filter((peer) => isVersion6(peer) === version6);
    return ofVersion.length > 0 && ofVersion.every((peer) => ranges.some((range) => covers(range, peer)));
  });
}
