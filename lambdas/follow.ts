/** follow: lets green follow blue from where it was copied, until it has caught up. */
import { FollowingTooSlow, SeedUnusable } from '../lib/core/following-errors';
import { done, LOOK_AGAIN_SECONDS, type Memo, waiting } from '../lib/core/progress';
import type { Address, FollowResult, Run } from '../lib/core/run';
import type { Marker, SlotState } from '../lib/ports/replication';
import type { Phase, World } from '../lib/ports/world';
import { checkFollowed, requireApplying } from './steps/followed';
import { addressOf, describeBlue, describeGreen, type Pair, pairsOf } from './steps/sides';

/** How long an invocation waits for green to show what it has just written on blue. */
const ARRIVAL_PATIENCE_MS = 3_000;

export const follow: Phase<FollowResult> = async (run, world) => {
  if (world.plan.sync === 'freeze') {
    return done('blue is frozen, there is nothing to follow', { lagMs: 0 });
  }
  const blue = addressOf(await describeBlue(world));
  const green = await describeGreen(run, world);
  const pairs = pairsOf(run, world, blue, addressOf(green));
  const memo: Record<string, Memo[string]> = { sinceMs: world.clock.now(), ...run.memo };
  let lagMs = 0;
  const behind: string[] = [];
  for (const pair of pairs) {
    const slot = await checkFollowed(run, world, pair);
    await beginFollowing(pair, { blue, green: green.identifier });
    const began = performance.now();
    const marker = await pair.blue.writeMarker();
    if (await pair.green.markerArrives(marker.token, ARRIVAL_PATIENCE_MS)) {
      lagMs = Math.max(lagMs, Math.round(performance.now() - began));
      memo[`errors ${pair.name}`] = (await pair.green.subscription(pair.forward))?.errors ?? 0;
    } else {
      behind.push(await describeLag(run, world, pair, { slot, marker, memo, nowMs: world.clock.now() }));
    }
  }
  if (behind.length === 0) {
    return done(`green has caught up with blue, it is ${lagMs} ms behind`, { lagMs });
  }
  const elapsedSeconds = (world.clock.now() - Number(memo.sinceMs)) / 1000;
  if (elapsedSeconds > world.plan.follow.timeoutSeconds) {
    throw new FollowingTooSlow(world.plan.follow.timeoutSeconds, behind.join('; '));
  }
  return waiting(LOOK_AGAIN_SECONDS, behind.join('; '), memo);
};

/** A subscription that was never enabled begins at the seed; one that was goes on where it stands. */
async function beginFollowing(pair: Pair, sides: { readonly blue: Address; readonly green: string }): Promise<void> {
  const { blue, green, forward } = pair;
  const subscription = await green.subscription(forward);
  if (subscription?.enabled) {
    return;
  }
  const seed = (await green.record())?.seed;
  if (seed === undefined) {
    throw new SeedUnusable(sides.green, 'the position at which it was copied is not in its record');
  }
  if (!subscription) {
    if (!(await blue.slotCovers(forward, seed))) {
      throw new SeedUnusable(
        sides.green,
        `it says that it was copied at ${seed}, which is not between what slot ${forward} keeps and what blue has written`,
      );
    }
    await green.subscribe(forward, sides.blue);
  }
  await green.beginAt(forward, seed);
  await green.follow(forward, sides.blue);
}

interface Lag {
  readonly slot: SlotState;
  readonly marker: Marker;
  /** Gets what the next invocation needs for an estimate. */
  readonly memo: Record<string, Memo[string]>;
  readonly nowMs: number;
}

async function describeLag(run: Run, world: World, pair: Pair, { slot, marker, memo, nowMs }: Lag): Promise<string> {
  await requireApplying(run, world, pair, Number(memo[`errors ${pair.name}`] ?? 0));
  const key = `bytes ${pair.name}`;
  const before = memo[key] === undefined ? undefined : { bytes: Number(memo[key]), atMs: Number(memo[`${key} at`]) };
  memo[key] = slot.lagBytes;
  memo[`${key} at`] = nowMs;
  const behindSeconds = Math.round((marker.at.getTime() - (await pair.green.markerAt()).getTime()) / 1000);
  return `green is ${Math.ceil(slot.lagBytes / 1024)} KiB and ${behindSeconds} s behind in "${pair.name}"${timeLeft(slot.lagBytes, before, nowMs)}${slot.active ? '' : ', and not connected'}`;
}

function timeLeft(bytes: number, before: { bytes: number; atMs: number } | undefined, nowMs: number): string {
  if (!before || before.bytes <= bytes || nowMs <= before.atMs) {
    return '';
  }
  const bytesPerMs = (before.bytes - bytes) / (nowMs - before.atMs);
  return `, about ${Math.ceil(bytes / bytesPerMs / 1000)} s left`;
}
