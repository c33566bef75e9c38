/** switchover: moves the application to green in one invocation; opening green is its last act and the point of no return. */
import { BlueNotFound, SwitchoverRefused } from '../lib/core/errors';
import { done, type Progress, type Waiting, waiting } from '../lib/core/progress';
import type { Run, SwitchoverResult } from '../lib/core/run';
import type { Phase, World } from '../lib/ports/world';
import { forgetChangedRows } from './steps/changed-rows';
import { isGivenUp } from './steps/crossing';
import { moveFrozen } from './steps/frozen-switchover';
import { type Moved, stepsInWords } from './steps/moved';
import { leadBackIfGivenUp, openGreen, refuse, type Sides } from './steps/moving';
import { moveOnline } from './steps/online-switchover';
import { whyShut } from './steps/same-schema';
import { addressOf, describeGreen, type Pair, pairsOf } from './steps/sides';
import { hasWayBack } from './steps/way-back';

const LOOK_AGAIN_SECONDS = 5;

export const switchover: Phase<SwitchoverResult> = async (run, world) => {
  const deadlineMs = world.clock.now() + world.plan.switchover.timeoutSeconds * 1000;
  const green = await describeGreen(run, world);
  const onGreen = world.database(addressOf(green));
  refuse(await whyShut(world, onGreen, 'secretArn'));
  const state = (await onGreen.record())?.greenState;
  const { switchedOver } = run.results.prepare ?? { switchedOver: false };
  const blue = await world.controlPlane.describe(world.plan.blue.identifier);
  if (switchedOver && (!blue || state !== 'open')) {
    return done('the application moved to green in an earlier execution', { serving: 'green', wayBack: false });
  }
  if (!blue) {
    throw new BlueNotFound(world.plan.blue.identifier);
  }
  const pairs = pairsOf(run, world, addressOf(blue), addressOf(green));
  const sides: Sides = { blue, green, pairs, own: pairs[0] as Pair };
  if (state === 'open') {
    return finish(run, world, sides);
  }
  if (state !== 'closed') {
    throw new SwitchoverRefused([`green is ${state ?? 'without a record'}: another execution of this run has decided`]);
  }
  const freeze = (await sides.own.blue.record())?.freeze;
  const evenIfHeld = world.plan.sync === 'replication' && (await isGivenUp(world, freeze, addressOf(green)));
  if (!(await sides.own.green.claimCrossing({ evenIfHeld }))) {
    return waiting(LOOK_AGAIN_SECONDS, 'another invocation is moving the application', run.memo);
  }
  if (freeze?.handedOver) {
    return complete(run, world, sides); // everything was proved before blue said its last word
  }
  const move = world.plan.sync === 'freeze' ? moveFrozen : moveOnline;
  const moved = await move(run, world, sides, deadlineMs);
  return isWaiting(moved) ? moved : finish(run, world, sides, moved);
};

function isWaiting(moved: Moved | Waiting): moved is Waiting {
  return 'status' in moved;
}

/** Blue handed over in an earlier invocation: nothing is left to prove, and only green may serve. */
async function complete(run: Run, world: World, sides: Sides): Promise<Progress<SwitchoverResult>> {
  const swapId = await world.endpoint.swap(addressOf(sides.green));
  try {
    await openGreen(run, sides);
  } catch (error) {
    await leadBackIfGivenUp(run, world, sides);
    throw error;
  }
  return finish(run, world, sides, { swapId });
}

/** Ends following blue and begins the way back; green serves meanwhile, and what it writes is kept for blue. */
async function finish(
  run: Run,
  { plan, clock }: World,
  sides: Sides,
  moved?: Moved,
): Promise<Progress<SwitchoverResult>> {
  const { pairs } = sides;
  const movedAtMs = clock.now();
  for (const { green } of pairs) {
    await green.open(run.runId); // where an earlier invocation was interrupted: other databases, and sessions from before
    await green.resumeJobs();
  }
  const wayBack = plan.sync === 'replication' && (await hasWayBack(pairs));
  if (plan.sync === 'replication') {
    for (const pair of pairs) {
      const { blue, green, forward, back, rows } = pair;
      await blue.endClientSessions();
      await blue.pauseJobs();
      await green.unsubscribe(forward);
      await blue.closeChannel(forward);
      if (wayBack) {
        await blue.follow(back, addressOf(sides.green));
        await green.publishNamesOnly(rows);
      } else {
        await forgetChangedRows(pair);
      }
    }
  }
  return done(
    `green is open for the application, blue ${wayBack ? 'follows it and refuses writes' : 'stays frozen'}${stepsInWords(moved)}`,
    { serving: 'green', wayBack, ...(moved && { movedAtMs, ...moved }) },
  );
}
