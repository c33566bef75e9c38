/** What must hold for as long as green follows. */
import { LineageLost, SchemaDrifted } from '../../lib/core/following-errors';
import { runNames } from '../../lib/core/identifiers';
import type { Run } from '../../lib/core/run';
import type { SlotState } from '../../lib/ports/replication';
import type { World } from '../../lib/ports/world';
import { followingBroken } from './broken-following';
import { keepingSlot } from './kept';
import type { Pair } from './sides';

type Followed = Pick<World, 'plan' | 'controlPlane'>;

/** Applying that fails so often in a row, without any progress, will not succeed by itself. */
const TOLERATED_ERRORS = 3;

/** What must hold for as long as green follows: blue keeps everything, has room for it, and no DDL came in between. */
export async function checkFollowed(run: Run, world: Followed, pair: Pair): Promise<SlotState> {
  const { plan } = world;
  const [slot, onBlue, onGreen] = await Promise.all([keepingSlot(plan, pair), pair.blue.record(), pair.green.record()]);
  if (onBlue?.runId !== run.runId || onBlue.lineage === undefined || onBlue.lineage !== onGreen?.lineage) {
    throw new LineageLost(pair.name, 'the slot was made again after green was copied');
  }
  const drifted = await pair.blue.drift();
  if (drifted.length > 0) {
    throw new SchemaDrifted(pair.name, drifted);
  }
  await requireApplying(run, world, pair);
  return slot;
}

/**
 * @param errorsBefore how often applying had failed when something was last seen to arrive; where that is not known, only what is certain counts
 * @throws FollowingBroken
 */
export async function requireApplying(
  run: Run,
  world: Followed,
  pair: Pair,
  errorsBefore = Number.POSITIVE_INFINITY,
): Promise<void> {
  const subscription = await pair.green.subscription(pair.forward);
  const failed = Math.max(0, (subscription?.errors ?? 0) - errorsBefore);
  if (subscription && (failed >= TOLERATED_ERRORS || subscription.conflicts.length > 0)) {
    const follower = runNames(world.plan.name, run.runId).green;
    throw await followingBroken(world, { database: pair.green, name: pair.name, follower, subscription, failed });
  }
}
