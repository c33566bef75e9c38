/** Whether a run can reach what it needs: every API, the servers, and each side the other; looked at before anything is touched. */
import { Unreachable } from '../../lib/core/network-errors';
import { readiness } from '../../lib/core/readiness';
import type { Address } from '../../lib/core/run';
import { type Passages, type Place, passages } from '../../lib/core/security-groups';
import {
  type ApiWay,
  closedApiInWords,
  closedBetweenMembersInWords,
  closedServerInWords,
  type ServerWay,
} from '../../lib/core/ways';
import type { DatabaseDescription } from '../../lib/ports/control-plane';
import type { World } from '../../lib/ports/world';

/**
 * Tries the ways to the APIs, which everything else begins with.
 *
 * @throws Unreachable when even RDS cannot be asked, and so nothing more can be found out
 */
export async function closedApis({ network, plan }: World): Promise<readonly ApiWay[]> {
  const closed = (await network.apis()).filter(({ obstruction }) => obstruction !== undefined);
  if (closed.some(({ api }) => api === 'RDS')) {
    const reasons = closed.map((way) => closedApiInWords(way, plan));
    throw new Unreachable([
      ...reasons,
      'whether blue can be reached is not known as long as RDS does not say where it is',
    ]);
  }
  return closed;
}

interface Found {
  readonly apis: readonly ApiWay[];
  readonly blue: DatabaseDescription | undefined;
  readonly green: DatabaseDescription | undefined;
}

/**
 * Every way that is left, and all that is wrong with them together.
 *
 * @returns what is not known of them, in words
 * @throws Unreachable
 */
export async function refuseClosedWays(world: World, { apis, blue, green }: Found): Promise<string[]> {
  const { plan } = world;
  const readable = !apis.some(({ api }) => api === 'EC2');
  const [ofBlue, ofGreen, between] = await Promise.all([
    closedServer(world, 'blue', blue, readable),
    closedServer(world, 'green', green, readable),
    // a green that is there has shown, or shows, whether it can follow
    plan.sync === 'replication' && blue?.address && !green
      ? betweenMembers(world, blue, readable)
      : { closed: [], unknown: [] },
  ]);
  const needed = apis.filter(({ api }) => api !== 'EC2').map((way) => closedApiInWords(way, plan));
  const reasons = [...needed, ...ofBlue, ...ofGreen, ...between.closed];
  if (reasons.length > 0) {
    throw new Unreachable(reasons);
  }
  return between.unknown;
}

async function closedServer(
  world: World,
  side: ServerWay['side'],
  description: DatabaseDescription | undefined,
  readable: boolean,
): Promise<string[]> {
  const { address, placement, status } = description ?? {};
  if (!address || !placement || readiness(status ?? '') !== 'usable') {
    return [];
  }
  const obstruction = await world.network.obstruction(address);
  if (!obstruction) {
    return [];
  }
  const { subnetIds, securityGroupIds } = world.plan.network;
  const [from, to] = readable
    ? await Promise.all([
        world.network.place({ subnetIds, securityGroupIds, dualStack: placement.dualStack }),
        world.network.place(placement),
      ])
    : [];
  const groups = placement.securityGroupIds;
  const way = { side, address, obstruction, groups, passages: from && to && passages(from, to, address.port) };
  return [closedServerInWords(way, world.plan)];
}

async function betweenMembers(
  world: World,
  { placement, address }: DatabaseDescription & { readonly address?: Address },
  readable: boolean,
): Promise<{ readonly closed: readonly string[]; readonly unknown: string[] }> {
  const port = address?.port ?? 0;
  const place = readable ? await world.network.place(placement) : undefined;
  const groups = placement.securityGroupIds;
  const found = place && membersPass(place, port);
  return {
    closed: found ? closedBetweenMembersInWords(found, groups, port) : [],
    unknown: found && Object.values(found).every((passage) => passage === 'open') ? [] : [unknownBetween(groups, port)],
  };
}

/** Green's address is one of blue's subnets, and so is blue's after a failover: whichever, the one has to reach the other. */
function membersPass(place: Place, port: number): Passages {
  return passages(place, place, port);
}

function unknownBetween(groups: readonly string[], port: number): string {
  return `whether security groups ${groups.join(', ')} let green and blue reach each other on port ${port} could not be told from their rules`;
}
