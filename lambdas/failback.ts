/** failback: moves the application back to blue, which has followed green since the switchover, without losing a write. */
import { countAttempt, isUncounted } from '../lib/core/attempts';
import { summed } from '../lib/core/changed-rows';
import { TemporarilyUnavailable } from '../lib/core/errors';
import { type LineageLost, WayBackDiffers } from '../lib/core/following-errors';
import { belongsToRun, runNames } from '../lib/core/identifiers';
import { done, type Memo, type Progress, waiting } from '../lib/core/progress';
import { readiness } from '../lib/core/readiness';
import type { FailbackResult, Run } from '../lib/core/run';
import type { DatabaseDescription } from '../lib/ports/control-plane';
import type { Phase, World } from '../lib/ports/world';
import {
  forgetChangedRows,
  gapOf,
  type Looked,
  listen,
  look,
  remembered,
  toBeRemembered,
  untilCrossing,
} from './steps/changed-rows';
import { connectedSlot } from './steps/connected-slot';
import { callOff, cross, endThoseMadeInAFreeze, isBrokenOff, isGivenUp } from './steps/crossing';
import { leftoversAfterFailback, leftoversOnGreen } from './steps/leftovers';
import { type Moved, type Steps, stepsInWords } from './steps/moved';
import { wayBackBetween } from './steps/passages';
import { addressOf, type Pair, pairsOf } from './steps/sides';
import { spreading } from './steps/spreading';
import { hasWayBack } from './steps/way-back';

const LOOK_AGAIN_SECONDS = 5;
const FIRST_PAUSE_SECONDS = 15;
const PAUSE_GROWTH = 2;
const MIB = 1_048_576;

interface Sides {
  readonly blue: DatabaseDescription;
  readonly green: DatabaseDescription;
  readonly pairs: readonly Pair[];
  readonly own: Pair;
}

export const failback: Phase<FailbackResult> = async (run, world) => {
  const { plan, controlPlane } = world;
  const name = runNames(plan.name, run.runId).green;
  const [green, blue] = [await controlPlane.describe(name), await controlPlane.describe(plan.blue.identifier)];
  if (!green || !belongsToRun(green.tags, plan.name, run.runId)) {
    return nothingToMove(`there is no green "${name}" of run "${run.runId}"`, blue ? 'blue' : 'green');
  }
  if (!blue) {
    return nothingToMove(`there is no blue "${plan.blue.identifier}" any more: it was retired`, 'green');
  }
  if (readiness(blue.status) === 'deleting') {
    return nothingToMove(`blue "${plan.blue.identifier}" is being deleted: it was retired`, 'green');
  }
  const pairs = pairsOf(run, world, addressOf(blue), addressOf(green));
  const sides: Sides = { blue, green, pairs, own: pairs[0] as Pair };
  const record = await sides.own.green.record();
  switch (record?.greenState) {
    case 'closed':
    case 'abandoned':
      return nothingToMove('the application never moved to green', 'blue');
    case 'open':
    case 'failing-back':
      break;
    default:
      return staysOnGreen(run, world, sides, [
        `blue was given up: green is ${record?.greenState ?? 'not of this run any more'}`,
      ]);
  }
  const { freeze } = record;
  if (!(await sides.own.green.claimCrossing({ evenIfHeld: await isGivenUp(world, freeze, addressOf(blue)) }))) {
    return waiting(LOOK_AGAIN_SECONDS, 'another invocation is moving the application', run.memo);
  }
  if (freeze?.handedOver) {
    return complete(run, world, sides); // blue has everything: all was proved before green said its last word
  }
  if (!(await hasWayBack(pairs))) {
    return staysOnGreen(run, world, sides, [
      'blue does not follow green, it lacks what was written since the switchover',
    ]);
  }
  if (!(await sides.own.green.moveGreen(run.runId, ['open'], 'failing-back'))) {
    return waiting(1, 'green has just changed its state', run.memo);
  }
  return moveBack(run, world, sides);
};

/** Nothing was touched. */
function nothingToMove(why: string, serving: 'blue' | 'green'): Progress<FailbackResult> {
  return done(why, { outcome: 'needs-attention', serving, reasons: [why], leftovers: [] });
}

async function moveBack(run: Run, world: World, sides: Sides): Promise<Progress<FailbackResult>> {
  const way = wayBackBetween(sides.pairs, addressOf(sides.blue), addressOf(sides.green));
  if (isUncounted(run.memo, await freezesOf(sides)) || (await isBrokenOff(world, way))) {
    return (await callOff(run, world, way))
      ? tryLater(run, world, sides, 'an attempt was broken off')
      : waiting(1, 'green has just said its last word', run.memo);
  }
  await endThoseMadeInAFreeze(run, way);
  const late = await Promise.all(way.passages.map(async ({ name, from }) => wouldStay(await from.drift(), name)));
  const drifted = late.flat();
  if (drifted.length > 0) {
    await sides.own.green.moveGreen(run.runId, ['failing-back'], 'open');
    return staysOnGreen(run, world, sides, drifted);
  }
  for (const { blue, green, back } of sides.pairs) {
    const subscription = await blue.subscription(back);
    if (!subscription?.enabled) {
      await blue.follow(back, addressOf(sides.green)); // the switchover was interrupted before it got there
    }
    const slot = await connectedSlot(world, green, back);
    if (!slot?.active || slot.lagBytes > world.plan.switchover.maxLagMiB * MIB) {
      const lag = slot
        ? `${Math.ceil((slot.lagBytes * 10) / MIB) / 10} MiB behind${slot.active ? '' : ', and not connected'}`
        : 'without a slot';
      return tryLater(run, world, sides, `blue is ${lag}`);
    }
    await green.arm();
    await blue.admitSessions();
  }
  const gap = await gapOf(world, sides.pairs, 'green');
  if (gap) {
    return differs(run, world, sides, gap);
  }
  const watched = await listen(world, sides.pairs, 'green');
  const looked = await look(world, watched, { serving: 'green', untilFew: true, isOver: untilCrossing(world) });
  if (looked.mismatches.length > 0) {
    return differs(run, world, sides, new WayBackDiffers(looked.mismatches));
  }
  if (looked.behind || looked.more) {
    return tryLater(run, world, sides, looked.behind ?? looked.more ?? '');
  }
  const deadlineMs = world.clock.now() + world.plan.switchover.timeoutSeconds * 1000;
  const crossed = await cross(run, world, {
    ...way,
    deadlineMs,
    judgeDrift: (drifted, database) => {
      if (drifted.length > 0) {
        const late = wouldStay(drifted, database);
        throw new TemporarilyUnavailable('the way back', { cause: new Error(late.join('; ')) });
      }
    },
    whileNobodyWrites: async () => undefined,
    takesLong: false,
    watched,
    serving: 'green',
    judge,
    open: () => openBlue(run, sides),
  });
  if ('steps' in crossed) {
    return finish(run, world, sides, { ...crossed, changedRows: summed([looked, crossed.changedRows]) });
  }
  const { calledOff } = crossed;
  if (calledOff instanceof WayBackDiffers) {
    return differs(run, world, sides, calledOff);
  }
  return tryLater(run, world, sides, calledOff instanceof Error ? calledOff.message : String(calledOff));
}

/** Green serves on: blue would lose what it lacks, or nobody knows whether it lacks anything. */
async function differs(
  run: Run,
  world: World,
  sides: Sides,
  { message }: WayBackDiffers | LineageLost,
): Promise<Progress<FailbackResult>> {
  for (const { blue } of sides.pairs) {
    await blue.excludeSessions();
    await blue.endClientSessions();
  }
  await Promise.all(sides.pairs.map(forgetChangedRows)); // nobody reads it any more, and green would keep its WAL for it
  await sides.own.green.moveGreen(run.runId, ['failing-back'], 'open');
  return staysOnGreen(run, world, sides, [message]);
}

/** @throws WayBackDiffers */
function judge({ mismatches }: Looked): void {
  if (mismatches.length > 0) {
    throw new WayBackDiffers(mismatches);
  }
}

/** What came to be on green after blue began to follow. */
function wouldStay(drifted: readonly string[], database: string): string[] {
  return drifted.map((what) => `${what} on green (database "${database}"), which blue does not have`);
}

async function openBlue(run: Run, { pairs }: Sides): Promise<void> {
  await Promise.all(pairs.map(({ blue }) => blue.unfreeze(run.runId, { handedOver: true })));
}

async function complete(run: Run, world: World, sides: Sides): Promise<Progress<FailbackResult>> {
  const { swapId } = run.memo;
  if (typeof swapId === 'string') {
    return finish(run, world, sides, { swapId });
  }
  const moved = { swapId: await world.endpoint.swap(addressOf(sides.blue)) };
  await openBlue(run, sides);
  return finish(run, world, sides, moved);
}

/** Blue serves; nothing of the run stays there. Green keeps refusing, for whoever wants to know what went wrong. */
async function finish(run: Run, world: World, { pairs }: Sides, moved: Moved): Promise<Progress<FailbackResult>> {
  for (const { blue, green, back, rows } of pairs) {
    await green.pauseJobs();
    if (await blue.record()) {
      await blue.unsubscribe(back);
      await blue.closeChannel(rows);
      await blue.resumeJobs();
      const attempt = await blue.attemptWrite({ insist: false });
      if (!attempt.accepted) {
        throw new TemporarilyUnavailable('blue', { cause: new Error(attempt.message) });
      }
      await blue.release(run.runId);
    }
    await green.closeChannel(back);
    await green.closeChannel(rows);
  }
  const { swapId, steps, changedRows } = moved;
  const memo = {
    movedAtMs: world.clock.now(),
    swapId,
    ...(steps && { steps: JSON.stringify(steps) }),
    ...(changedRows && toBeRemembered(changedRows)),
    ...run.memo,
  };
  const spread = await spreading(world, memo, memo, async () => pairs.map(({ green }) => green));
  if (spread.restSeconds > 0) {
    return waiting(spread.restSeconds, `blue serves again; ${spread.detail}`, { ...memo, ...spread.memo });
  }
  const took = stepsOf(memo);
  return done(`blue serves again and holds every write that green accepted${stepsInWords(took)}; ${spread.detail}`, {
    outcome: 'failed-back',
    serving: 'blue',
    reasons: [],
    leftovers: await leftoversAfterFailback(run, world),
    ...took,
    changedRows: remembered(memo),
  });
}

function stepsOf({ steps }: Memo): { readonly steps?: Steps } {
  return typeof steps === 'string' ? { steps: JSON.parse(steps) as Steps } : {};
}

async function freezesOf({ own }: Sides): Promise<number> {
  return (await own.green.record())?.freezes ?? 0;
}

async function tryLater(run: Run, world: World, sides: Sides, why: string): Promise<Progress<FailbackResult>> {
  for (const { blue } of sides.pairs) {
    await blue.excludeSessions();
    await blue.endClientSessions();
  }
  const { attempts: allowed } = world.plan.switchover;
  const counted = countAttempt(run.memo, await freezesOf(sides));
  const { attempts } = counted;
  if (attempts >= allowed) {
    await sides.own.green.moveGreen(run.runId, ['failing-back'], 'open');
    return staysOnGreen(run, world, sides, [
      `it was tried ${attempts} times (switchover.attempts); the last time: ${why}`,
    ]);
  }
  return waiting(
    FIRST_PAUSE_SECONDS * PAUSE_GROWTH ** (attempts - 1),
    `attempt ${attempts} of ${allowed} did not get through, green serves on: ${why}`,
    counted,
  );
}

async function staysOnGreen(
  run: Run,
  world: World,
  sides: Sides,
  reasons: readonly string[],
): Promise<Progress<FailbackResult>> {
  return done(`the application stays on green: ${reasons.join('; ')}`, {
    outcome: 'needs-attention',
    serving: 'green',
    reasons,
    leftovers: await leftoversOnGreen(run, world, sides),
  });
}
