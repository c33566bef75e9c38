/** rollback: after any failure, gives blue back to the application and removes what the run created; or finds that green serves. */
import {
  DatabaseRefused,
  FreezeFailed,
  RollbackFailed,
  SecretUnusable,
  TemporarilyUnavailable,
} from '../lib/core/errors';
import { belongsToRun, runNames, TAG_DISPOSABLE } from '../lib/core/identifiers';
import { done, type Progress, waiting } from '../lib/core/progress';
import { readiness } from '../lib/core/readiness';
import { decideRecovery, type GreenState, leftOnGreen, manualRollback } from '../lib/core/recovery';
import type { Leftover, RollbackResult, Run } from '../lib/core/run';
import type { DatabaseDescription } from '../lib/ports/control-plane';
import { leadsTo } from '../lib/ports/endpoint-swap';
import type { Phase, World } from '../lib/ports/world';
import { phaseHandler } from './handler';
import { addressOf } from './sides';

export const rollback: Phase<RollbackResult> = async (run, world) => {
  try {
    return await recover(run, world);
  } catch (error) {
    throw new RollbackFailed(manualRollback(world.plan, run.runId), { cause: error });
  }
};

async function recover(run: Run, world: World): Promise<Progress<RollbackResult>> {
  const { plan, controlPlane } = world;
  const names = runNames(plan.name, run.runId);
  const blue = await controlPlane.describe(plan.blue.identifier);
  const green = ownGreen(await controlPlane.describe(names.green), run, world);
  const recovery = decideRecovery({
    green: await greenState(run, world, green),
    endpoint: await endpointSide(world, blue, green),
  });
  switch (recovery.action) {
    case 'wait':
      return waiting(30, recovery.reason);
    case 'stay-on-green':
      return stayOnGreen(run, world, recovery.reason, { blue, green });
    case 'roll-back':
      return rollBack(run, world, recovery.reason, { blue, green });
  }
}

async function stayOnGreen(
  run: Run,
  world: World,
  reason: string,
  { blue, green }: Sides,
): Promise<Progress<RollbackResult>> {
  const { plan, controlPlane } = world;
  const snapshot = await controlPlane.describeSnapshot(runNames(plan.name, run.runId).snapshot);
  const leftovers = leftOnGreen(plan, run.runId, {
    record: green?.address !== undefined && (await world.database(green.address).record()) !== undefined,
    blue: blue !== undefined && blue.resourceId !== green?.resourceId,
    snapshot: snapshot !== undefined,
  });
  return done(`the application stays on green: ${reason}`, {
    outcome: leftovers.length === 0 ? 'migrated' : 'needs-attention',
    serving: 'green',
    reasons: [reason],
    leftovers,
  });
}

interface Sides {
  readonly blue: DatabaseDescription | undefined;
  readonly green: DatabaseDescription | undefined;
}

async function rollBack(
  run: Run,
  world: World,
  reason: string,
  { blue, green }: Sides,
): Promise<Progress<RollbackResult>> {
  let why = reason;
  try {
    await serveFromBlue(run, world, { blue, green });
  } catch (error) {
    why = await whyNotAsked(run, world, green, error);
  }
  const deleting = (await deleteGreen(world, green)) ?? (await deleteSnapshot(run, world));
  if (deleting) {
    return waiting(30, `blue serves; ${deleting}`);
  }
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
async function greenState(run: Run, world: World, green: DatabaseDescription | undefined): Promise<GreenState> {
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

async function endpointSide(
  { endpoint }: World,
  blue: DatabaseDescription | undefined,
  green: DatabaseDescription | undefined,
) {
  const target = await endpoint.target();
  if (leadsTo(target, green?.address)) {
    return 'green';
  }
  return leadsTo(target, blue?.address) ? 'blue' : 'elsewhere';
}

async function serveFromBlue(run: Run, world: World, { blue, green }: Sides): Promise<void> {
  if (!blue) {
    return;
  }
  const address = addressOf(blue);
  if (leadsTo(await world.endpoint.target(), green?.address)) {
    await world.endpoint.swap(address);
  }
  const database = world.database(address);
  const record = await database.record();
  if (record?.runId !== run.runId) {
    return; // nobody, or another run, holds blue: nothing there is ours
  }
  await database.unfreeze(run.runId);
  const attempt = await database.attemptWrite({ insist: false });
  if (!attempt.accepted) {
    throw new FreezeFailed(`blue does not accept writes again: ${attempt.message}`);
  }
  await database.release(run.runId);
}

async function deleteGreen(
  { controlPlane }: World,
  green: DatabaseDescription | undefined,
): Promise<string | undefined> {
  if (!green) {
    return undefined;
  }
  if (readiness(green.status) === 'deleting') {
    return `green ${green.identifier} is being deleted`;
  }
  if (readiness(green.status) === 'transient') {
    return `green ${green.identifier} is "${green.status}", it can be deleted when that is over`;
  }
  await controlPlane.tag(green.identifier, { [TAG_DISPOSABLE]: 'true' });
  await controlPlane.setDeletionProtection(green.identifier, false);
  await controlPlane.deleteDatabase(green.identifier);
  return `green ${green.identifier} is being deleted`;
}

async function deleteSnapshot(run: Run, { plan, controlPlane }: World): Promise<string | undefined> {
  const snapshot = await ownSnapshot(run, plan.name, controlPlane);
  if (!snapshot || plan.snapshot.keep) {
    return undefined;
  }
  if (snapshot.status === 'available' || readiness(snapshot.status) === 'failed') {
    await controlPlane.deleteSnapshot(snapshot.identifier);
  }
  return `snapshot ${snapshot.identifier} is "${snapshot.status}" and goes next`;
}

async function keptSnapshot(run: Run, { plan, controlPlane }: World): Promise<Leftover[]> {
  const snapshot = await ownSnapshot(run, plan.name, controlPlane);
  return snapshot
    ? [
        {
          what: `snapshot ${snapshot.identifier}, kept as the plan asks`,
          command: `aws rds delete-db-snapshot --db-snapshot-identifier ${snapshot.identifier}`,
        },
      ]
    : [];
}

async function ownSnapshot(run: Run, planName: string, controlPlane: World['controlPlane']) {
  const snapshot = await controlPlane.describeSnapshot(runNames(planName, run.runId).snapshot);
  return snapshot && belongsToRun(snapshot.tags, planName, run.runId) ? snapshot : undefined;
}

export const handler = phaseHandler(rollback);
