/** bake: lets the bake time pass while green serves; where blue follows green, watches what speaks for going back. */
import { type ChangedRowsResult, summed } from '../lib/core/changed-rows';
import { AlarmFired, LineageLost, TooMuchWalKept, WayBackDiffers } from '../lib/core/following-errors';
import type { Plan } from '../lib/core/plan';
import { done, type Memo, waiting } from '../lib/core/progress';
import { readiness } from '../lib/core/readiness';
import type { BakeResult, Run } from '../lib/core/run';
import type { Mismatch } from '../lib/core/verdict';
import type { Database } from '../lib/ports/database';
import type { Phase, World } from '../lib/ports/world';
import { followingBroken } from './steps/broken-following';
import { forgetChangedRows, listen, look, remembered, toBeRemembered } from './steps/changed-rows';
import { runChecks } from './steps/checks';
import { addressOf, databasesAt, describeGreen, type Pair, pairsOf } from './steps/sides';
import { spreading } from './steps/spreading';
import { hasWayBack } from './steps/way-back';

/** An execution has 25,000 history events, and a look costs nine of them. */
const LOOKS = 500;
const LOOK_AT_MOST_EVERY_SECONDS = 30;
const LOOK_AT_LEAST_EVERY_SECONDS = 3_600;
/** Applying that fails so often between two looks fails for good. */
const TOLERATED_ERRORS = 3;
/** A look takes no longer than it can be told of. */
const LEAST_MS = 2 * 60_000;
const MIB = 1_048_576;

export const bake: Phase<BakeResult> = async (run, world) => {
  const { plan, clock } = world;
  const memo: Record<string, Memo[string]> = { bakingSinceMs: clock.now(), ...run.memo };
  const isDue = clock.now() >= Math.min(nextLookMs(plan, memo), endsMs(plan, memo));
  if (plan.sync === 'replication') {
    await watch(run, world, memo, isDue);
  }
  if (isDue) {
    memo.lookedAtMs = clock.now();
  }
  const { swapId, movedAtMs } = run.results.switchover ?? {};
  const spread = await spreading(world, { swapId, movedAtMs }, memo, () => databasesOfBlue(world));
  Object.assign(memo, spread.memo);
  const restSeconds = Math.ceil((endsMs(plan, memo) - clock.now()) / 1000);
  const lookSeconds = Math.max(1, Math.ceil((nextLookMs(plan, memo) - clock.now()) / 1000));
  const pauses = [Math.min(restSeconds, lookSeconds), spread.restSeconds].filter((pause) => pause > 0);
  const also = spread.detail && `; ${spread.detail}`;
  if (pauses.length > 0) {
    return waiting(Math.min(...pauses), `${Math.max(0, restSeconds)} s of the bake time are left${also}`, memo);
  }
  const changedRows = remembered(memo);
  const compared = memo.followed ? `, ${inWords(changedRows)}` : '';
  return done(
    `the bake time of ${plan.bake.seconds} s is over${compared}${also}`,
    memo.followed ? { changedRows } : {},
  );
};

/** As long as there is one. */
async function databasesOfBlue(world: World): Promise<Database[]> {
  const blue = await world.controlPlane.describe(world.plan.blue.identifier);
  return blue?.address ? databasesAt(world, blue.address) : [];
}

/** So that its looks are few, however long it takes. */
export function bakePauseSeconds(plan: Pick<Plan, 'sync' | 'bake'>): number {
  return plan.sync === 'freeze'
    ? LOOK_AT_LEAST_EVERY_SECONDS
    : Math.max(LOOK_AT_MOST_EVERY_SECONDS, Math.ceil(plan.bake.seconds / LOOKS));
}

function endsMs(plan: Plan, memo: Memo): number {
  return Number(memo.bakingSinceMs) + plan.bake.seconds * 1000;
}

/** The first is at once. Other reasons to wake up come more often: a look costs the application something, however little has changed. */
function nextLookMs(plan: Plan, memo: Memo): number {
  return memo.lookedAtMs === undefined
    ? Number(memo.bakingSinceMs)
    : Number(memo.lookedAtMs) + bakePauseSeconds(plan) * 1000;
}

/** @param isDue whether what changed is looked at, too */
async function watch(run: Run, world: World, memo: Record<string, Memo[string]>, isDue: boolean): Promise<void> {
  const { plan, alarms, controlPlane } = world;
  const green = await describeGreen(run, world);
  const onGreen = world.database(addressOf(green));
  if ((await onGreen.record())?.greenState === 'failing-back') {
    throw new AlarmFired(['somebody asked for the application to move back to blue']);
  }
  const mismatches: Mismatch[] = [];
  await runChecks(world, { green: onGreen }, mismatches);
  const reasons = [
    ...(await alarms.firing(plan.bake.alarms)),
    ...mismatches.map(({ object, message }) => `${object} ${message}`),
  ];
  if (reasons.length > 0) {
    throw new AlarmFired(reasons);
  }
  const blue = await controlPlane.describe(plan.blue.identifier);
  if (blue?.address && readiness(blue.status) === 'usable') {
    const pairs = pairsOf(run, world, blue.address, addressOf(green));
    if (await hasWayBack(pairs)) {
      if (isDue) {
        await compareChanged(world, pairs, memo);
      }
      for (const pair of pairs) {
        await watchWayBack(world, pair, memo);
      }
    }
  }
}

/** A way back that has lost something is found out about while green serves. */
async function compareChanged(world: World, pairs: readonly Pair[], memo: Record<string, Memo[string]>): Promise<void> {
  const watched = await listen(world, pairs, 'green');
  const isOver = () => world.remainingMs() < LEAST_MS;
  const looked = await look(world, watched, { serving: 'green', untilFew: false, isOver });
  await Promise.all(watched.map(({ rows }) => rows.close()));
  if (looked.mismatches.length > 0) {
    await Promise.all(pairs.map(forgetChangedRows)); // nobody reads it any more, and green would keep its WAL for it
    throw new WayBackDiffers(looked.mismatches);
  }
  Object.assign(memo, { followed: true }, toBeRemembered(summed([remembered(memo), looked])));
}

function inWords({ compared, skipped }: ChangedRowsResult): string {
  const large = skipped.length > 0 ? `; not compared: ${skipped.join(', ')}` : '';
  return `${compared} rows written to green are the same on blue${large}`;
}

async function watchWayBack(world: World, pair: Pair, memo: Record<string, Memo[string]>): Promise<void> {
  const { plan } = world;
  const [slot, subscription, ofRows] = await Promise.all([
    pair.green.slot(pair.back),
    pair.blue.subscription(pair.back),
    pair.green.slot(pair.rows),
  ]);
  if (!slot || slot.lost) {
    throw new LineageLost(
      pair.name,
      `green's slot ${pair.back} is ${slot ? 'lost' : 'gone'}, blue does not follow any more`,
    );
  }
  const keptBytes = Math.max(slot.keptBytes, ofRows?.keptBytes ?? 0);
  if (keptBytes > plan.follow.maxWalKeptMiB * MIB) {
    throw new TooMuchWalKept(pair.name, Math.round(keptBytes / MIB), plan.follow.maxWalKeptMiB);
  }
  const key = `errors ${pair.name}`;
  const errors = subscription?.errors ?? 0;
  const failed = errors - Number(memo[key] ?? errors);
  memo[key] = errors;
  const broken = (failed >= TOLERATED_ERRORS && !slot.active) || (subscription?.conflicts ?? []).length > 0;
  if (subscription && broken) {
    const { name, blue: database } = pair;
    throw await followingBroken(world, { database, name, follower: plan.blue.identifier, subscription, failed });
  }
}
