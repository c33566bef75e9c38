/** What a run that ends leaves behind, looked up where it would be. */
import { runNames } from '../../lib/core/identifiers';
import { leftAfterFailback, leftOnGreen } from '../../lib/core/leftovers';
import type { Leftover, Run } from '../../lib/core/run';
import type { DatabaseDescription } from '../../lib/ports/control-plane';
import type { World } from '../../lib/ports/world';
import { type Pair, pairsOf } from './sides';
import { hasWayBack } from './way-back';

interface Sides {
  readonly blue: DatabaseDescription | undefined;
  readonly green: DatabaseDescription | undefined;
}

export async function leftoversOnGreen(run: Run, world: World, { blue, green }: Sides): Promise<Leftover[]> {
  const { plan, controlPlane, byHand } = world;
  const blueIsThere = blue !== undefined && blue.resourceId !== green?.resourceId;
  return leftOnGreen(
    plan,
    run.runId,
    {
      record: green?.address !== undefined && (await world.database(green.address).record()) !== undefined,
      blue: blueIsThere,
      snapshot: (await controlPlane.describeSnapshot(runNames(plan.name, run.runId).snapshot)) !== undefined,
      wayBack: blueIsThere && (await isFollowed(wayBackPairs(run, world, { blue, green }))),
    },
    byHand,
  );
}

export async function leftoversAfterFailback(run: Run, { plan, controlPlane, byHand }: World): Promise<Leftover[]> {
  const names = runNames(plan.name, run.runId);
  return leftAfterFailback(
    plan,
    run.runId,
    {
      green: (await controlPlane.describe(names.green)) !== undefined,
      snapshot: (await controlPlane.describeSnapshot(names.snapshot)) !== undefined,
    },
    byHand,
  );
}

/** Both sides' databases, where there are both and the plan follows at all. */
export function wayBackPairs(run: Run, world: World, { blue, green }: Sides): Pair[] {
  return world.plan.sync === 'replication' && blue?.address && green?.address
    ? pairsOf(run, world, blue.address, green.address)
    : [];
}

/** A blue that cannot be asked is counted as following: what green keeps for it is named rather than forgotten. */
async function isFollowed(pairs: readonly Pair[]): Promise<boolean> {
  return pairs.length > 0 && (await hasWayBack(pairs).catch(() => true));
}
