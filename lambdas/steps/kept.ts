/** What must hold from prepare on until green has everything: blue keeps it, and has room for it. */
import { LineageLost, TooMuchWalKept } from '../../lib/core/following-errors';
import { channelName } from '../../lib/core/identifiers';
import type { Address, Run } from '../../lib/core/run';
import type { SlotState } from '../../lib/ports/replication';
import type { World } from '../../lib/ports/world';
import { databaseNames, type Pair } from './sides';

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

export async function keepingSlot(
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
