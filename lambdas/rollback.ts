/** rollback: after any failure, gives blue back to the application and removes what the run created; or finds that green serves. */
import {
  DatabaseRefused,
  FreezeFailed,
  ResourceBusy,
  RollbackFailed,
  SecretUnusable,
  TemporarilyUnavailable,
} from '../lib/core/errors';
import { belongsToRun, channelName, runNames, TAG_DISPOSABLE } from '../lib/core/identifiers';
import { leftWithoutBlue, manualRollback } from '../lib/core/leftovers';
import { done, type Memo, type Progress, waiting } from '../lib/core/progress';
import { readiness } from '../lib/core/readiness';
import { decideRecovery, type SeenGreen } from '../lib/core/recovery';
import type { RollbackResult, Run } from '../lib/core/run';
import type { DatabaseDescription } from '../lib/ports/control-plane';
import type { Database } from '../lib/ports/database';
import { leadsTo } from '../lib/ports/endpoint-swap';
import type { Phase, World } from '../lib/ports/world';
import { leadBack } from './steps/crossing';
import { leftoversOnGreen, wayBackPairs } from './steps/leftovers';
import { wayBetween } from './steps/passages';
import { deleteGreen, deleteSnapshot, keptSnapshot, ownSnapshot } from './steps/removal';
import { addressOf, databaseNames } from './steps/sides';
import { hasWayBack } from './steps/way-back';

export const rollback: Phase<RollbackResult> = async (run, world) => {
  try {
    return await recover(run, world);
  } catch (error) {
    if (error instanceof ResourceBusy) {
      throw error; // it passes
    }
    if (error instanceof TemporarilyUnavailable && neverBegan(run)) {
      return done('blue serves as before the run', {
        outcome: 'rolled-back',
        serving: 'blue',
        reasons: [`there was no way to what a run needs, so it never began: ${error.message}`],
        leftovers: [],
      });
    }
    throw new RollbackFailed(manualRollback(world.plan, run.runId, world.byHand), { cause: error });
  }
};

/** Trying again for hours would change nothing, and hide for as long what the first look at the network found out. */
function neverBegan({ failure, firstExecution }: Run): boolean {
  return firstExecution === true && failure?.phase === 'prepare' && failure.error === 'Unreachable';
}

async function recover(run: Run, world: World): Promise<Progress<RollbackResult>> {
  const { plan, controlPlane } = world;
  const names = runNames(plan.name, run.runId);
  const blue = await controlPlane.describe(plan.blue.identifier);
  const green = ownGreen(await controlPlane.describe(names.green), run, world);
  const state = await greenState(run, world, green);
  const pairs = wayBackPairs(run, world, { blue, green });
  const recovery = decideRecovery({
    green: state,
    blueHandedOver: state === 'unknown' ? await handedOver(run, world, blue) : undefined,
    wayBack: state === 'open' && pairs.length > 0 && (await hasWayBack(pairs)),
    failure: run.failure ?? { phase: 'abort', error: 'Aborted' },
  });
  switch (recovery.action) {
    case 'wait':
      return waiting(30, recovery.reason);
    case 'fail-back':
      return done(`the application is to move back to blue: ${recovery.reason}`, {
        outcome: 'fail-back',
        serving: 'green',
        reasons: [recovery.reason],
        leftovers: [],
      });
    case 'stay-on-green':
      return stayOnGreen(run, world, recovery.reason, { blue, green });
    case 'roll-back':
      if (!blue) {
        return withoutBlue(run, world, green);
      }
      if (state === 'unknown' && !(await takeBack(run, world, blue))) {
        return waiting(30, 'green cannot be reached, and blue handed the application over just now');
      }
      return rollBack(run, world, recovery.reason, { blue, green });
  }
}

/** Whether blue of this run said its last word; undefined when it cannot be asked. */
async function handedOver(run: Run, world: World, blue: DatabaseDescription | undefined): Promise<boolean | undefined> {
  try {
    const record = blue?.address && (await world.database(blue.address).record());
    return record && (record.runId === run.runId ? (record.freeze?.handedOver ?? false) : undefined);
  } catch {
    return undefined;
  }
}

/** Of this and the last word of a switchover that is still at it only one can happen; afterwards green cannot open any more. */
async function takeBack(run: Run, world: World, blue: DatabaseDescription): Promise<boolean> {
  if (!blue.address) {
    return true;
  }
  const database = world.database(blue.address);
  await database.abandon(run.runId);
  return database.unfreeze(run.runId, { handedOver: false });
}

async function stayOnGreen(run: Run, world: World, reason: string, sides: Sides): Promise<Progress<RollbackResult>> {
  const leftovers = await leftoversOnGreen(run, world, sides);
  return done(`the application stays on green: ${reason}`, {
    outcome: leftovers.length === 0 ? 'migrated' : 'needs-attention',
    serving: 'green',
    reasons: [reason],
    leftovers,
  });
}

/** Nothing can be given back, and nothing is deleted: what the run made may be all that is left of blue. */
async function withoutBlue(
  run: Run,
  { plan, controlPlane, byHand }: World,
  green: DatabaseDescription | undefined,
): Promise<Progress<RollbackResult>> {
  const why = `blue "${plan.blue.identifier}" does not exist, so nothing was given back to it, and nothing was deleted`;
  return done(why, {
    outcome: 'needs-attention',
    serving: 'unknown',
    reasons: [why],
    leftovers: leftWithoutBlue(
      plan,
      run.runId,
      {
        green: green !== undefined,
        snapshot: (await ownSnapshot(run, plan.name, controlPlane)) !== undefined,
      },
      byHand,
    ),
  });
}

interface Sides {
  readonly blue: DatabaseDescription | undefined;
  readonly green: DatabaseDescription | undefined;
}

interface Remaining extends Sides {
  readonly blue: DatabaseDescription;
}

async function rollBack(
  run: Run,
  world: World,
  reason: string,
  { blue, green }: Remaining,
): Promise<Progress<RollbackResult>> {
  let why = reason;
  try {
    await serveFromBlue(run, world, { blue, green });
  } catch (error) {
    why = await whyNotAsked(run, world, green, error);
  }
  const memo = green?.address ? { greenHost: green.address.host, greenPort: green.address.port } : run.memo;
  const deleting = (await deleteGreen(world, green)) ?? (await deleteSnapshot(run, world));
  if (deleting) {
    return waiting(30, `blue serves; ${deleting}`, memo);
  }
  await lookAtEndpointAgain(world, blue, memo);
  return done('blue serves as before the run', {
    outcome: 'rolled-back',
    serving: 'blue',
    reasons: [why],
    leftovers: await keptSnapshot(run, world),
  });
}

/**
 * A run that prepare could not begin because blue cannot be asked cannot be given back either; where the control plane
 * shows nothing of the run, there is nothing to give back.
 *
 * @throws the error itself where there may be something
 */
async function whyNotAsked(
  run: Run,
  { controlPlane, plan }: World,
  green: DatabaseDescription | undefined,
  error: unknown,
): Promise<string> {
  const cannotAsk =
    error instanceof TemporarilyUnavailable || error instanceof DatabaseRefused || error instanceof SecretUnusable;
  const snapshot = await controlPlane.describeSnapshot(runNames(plan.name, run.runId).snapshot);
  if (!cannotAsk || run.failure?.phase !== 'prepare' || green || snapshot) {
    throw error;
  }
  return `blue could not be asked, and there is neither green nor a snapshot of this run: ${error.message}`;
}

function ownGreen(green: DatabaseDescription | undefined, run: Run, { plan }: World): DatabaseDescription | undefined {
  return green && belongsToRun(green.tags, plan.name, run.runId) ? green : undefined;
}

/** Asks green, and by asking closes it for good: after `abandoned` no late switchover can open it any more. */
async function greenState(run: Run, world: World, green: DatabaseDescription | undefined): Promise<SeenGreen> {
  if (!green) {
    return 'absent';
  }
  const handedOver = green.tags[TAG_DISPOSABLE] === 'false';
  if (!green.address || (readiness(green.status) !== 'usable' && !handedOver)) {
    return 'closed';
  }
  try {
    const state = await world.database(green.address).abandon(run.runId);
    return state === 'no-record' ? (handedOver ? 'open' : 'closed') : state;
  } catch {
    return 'unknown'; // a switchover that nobody waits for any more may just be opening it
  }
}

async function serveFromBlue(run: Run, world: World, { blue, green }: Remaining): Promise<void> {
  const address = addressOf(blue);
  if (green?.address) {
    await leadBack(world, wayBetween(run, world, address, green.address));
  }
  for (const name of databaseNames(world.plan)) {
    await giveBack(run, world, { name, blue: world.database(address, name), green });
  }
}

interface Given {
  readonly name: string;
  readonly blue: Database;
  readonly green: DatabaseDescription | undefined;
}

/** The record goes last: it says whose all of it is. */
async function giveBack(run: Run, world: World, { name, blue, green }: Given): Promise<void> {
  const record = await blue.record();
  if (record?.runId !== run.runId) {
    return; // nobody, or another run, holds blue: nothing there is ours
  }
  await blue.abandon(run.runId); // a switchover that nobody waits for any more freezes it no more
  await blue.unfreeze(run.runId, { handedOver: true }); // green cannot open any more
  const attempt = await blue.attemptWrite({ insist: false });
  if (!attempt.accepted) {
    throw new FreezeFailed(`blue does not accept writes again: ${attempt.message}`);
  }
  const forward = channelName(world.plan.name, run.runId, name, 'forward');
  if (green?.address && readiness(green.status) === 'usable') {
    // so that green does not come back to the slot; it is about to be deleted, and need not answer
    await world
      .database(green.address, name)
      .stopFollowing(forward)
      .catch(() => undefined);
  }
  await blue.unsubscribe(channelName(world.plan.name, run.runId, name, 'back'));
  await blue.closeChannel(forward);
  await blue.closeChannel(channelName(world.plan.name, run.runId, name, 'rows'));
  await blue.resumeJobs();
  await blue.release(run.runId);
}

/** A late switchover may have led it to green after it was looked at first. */
async function lookAtEndpointAgain(
  { endpoint }: World,
  blue: DatabaseDescription,
  { greenHost, greenPort }: Memo,
): Promise<void> {
  if (
    blue.address &&
    typeof greenHost === 'string' &&
    typeof greenPort === 'number' &&
    leadsTo(await endpoint.target(), { host: greenHost, port: greenPort })
  ) {
    await endpoint.swap(blue.address);
  }
}
