/** Following that broke, with what the server that follows says of it. */
import { FollowingBroken } from '../../lib/core/following-errors';
import type { Database } from '../../lib/ports/database';
import type { SubscriptionState } from '../../lib/ports/replication';
import type { World } from '../../lib/ports/world';

/** Applying is tried again every few seconds, so the cause has been said lately. */
const SAID_LATELY_MS = 15 * 60_000;

export interface Broken {
  /** The one that follows. */
  readonly database: Database;
  readonly name: string;
  /** The instance it is of. */
  readonly follower: string;
  readonly subscription: SubscriptionState;
  /** How often applying has failed in a row. */
  readonly failed: number;
}

export async function followingBroken(
  { plan, controlPlane }: Pick<World, 'plan' | 'controlPlane'>,
  { database, name, follower, subscription, failed }: Broken,
): Promise<FollowingBroken> {
  const sinceMs = subscription.at.getTime() - SAID_LATELY_MS;
  const log = await controlPlane.serverLog(follower, sinceMs).catch(() => []); // the failure counts, whether or not it is explained
  return new FollowingBroken(name, {
    failed,
    conflicts: subscription.conflicts,
    cause: await database.applyFailure(log, plan.report),
  });
}
