/** What must hold from prepare on until green has everything: blue keeps it, has room for it, and green takes it. */
import { FollowingBroken, LineageLost, SchemaDrifted, TooMuchWalKept } from '../lib/core/following-errors';
import { channelName } from '../lib/core/identifiers';
import type { Address, Run } from '../lib/core/run';
import type { SlotState } from '../lib/ports/replication';
import type { World } from '../lib/ports/world';
import { databaseNames, type Pair } from './sides';

/** Applying that fails so often in a row, without any progress, will not succeed by itself. */
const TOLERATED_ERRORS = 3;
const MIB = 1_048_576;

/** While green is being made nobody reads what blue keeps for it. */
export async function checkKept(run: Run, world: World, blue: Address): Promise<void> {
  const { plan } = world;
  if (plan.sync === 'replication') {
    for (const name of databaseNames(plan)) {
      const forward = channelName(plan.name, run.runId, name, 'forward');
      const rows = channelName(plan.name, run.runId, name, 'rows');
      await keepingSlot(plan, { name, forward, rows, blue: world.database(blue, name) });
    }
  }
}

/** What must hold for as long as green follows: blue keeps everything, has room for it, and no DDL came in between. */
export async function checkFollowed(run: Run, { plan }: Pick<World, 'plan'>, pair: Pair): Promise<SlotState> {
  const [slot, onBlue, onGreen] = await Promise.all([keepingSlot(plan, pair), pair.blue.record(), pair.green.record()]);
  if (onBlue?.runId !== run.runId || onBlue.lineage === undefined || onBlue.lineage !== onGreen?.lineage) {
    throw new LineageLost(pair.name, 'the slot was made again after green was copied');
  }
  const drifted = await pair.blue.drift();
  if (drifted.length > 0) {
    throw new SchemaDrifted(pair.name, drifted);
  }
  return slot;
}

async function keepingSlot(
  { follow }: World['plan'],
  { name, blue, forward, rows }: Pick<Pair, 'name' | 'blue' | 'forward' | 'rows'>,
): Promise<SlotState> {
  const [slot, ofRows] = await Promise.all([blue.slot(forward), blue.slot(rows)]);
  if (!slot || slot.lost) {
    throw new LineageLost(name, slot ? 'the server gave up the WAL it needs' : `slot ${forward} is gone`);
  }
  const keptBytes = Math.max(slot.keptBytes, ofRows?.keptBytes ?? 0);
  if (keptBytes > follow.maxWalKeptMiB * MIB) {
    throw new TooMuchWalKept(name, Math.round(keptBytes / MIB), follow.maxWalKeptMiB);
  }
  return slot;
}

/**
 * @param errorsBefore how often applying had failed when something was last seen to arrive
 * @throws FollowingBroken
 */
export async function requireApplying(pair: Pair, errorsBefore: number): Promise<void> {
  const failed = ((await pair.green.subscription(pair.forward))?.errors ?? 0) - errorsBefore;
  if (failed >= TOLERATED_ERRORS) {
    throw new FollowingBroken(pair.name, failed);
  }
}
