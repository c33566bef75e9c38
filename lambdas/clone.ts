/** clone: creates green from the snapshot with all of blue's settings and waits until it is really ready. */
import { ForeignResource, GreenNotOurs, ResourceFailed, TemporarilyUnavailable } from '../lib/core/errors';
import { belongsToRun, describeTags, ownershipTags, runNames, TAG_FREEZE } from '../lib/core/identifiers';
import { done, type Progress, waiting } from '../lib/core/progress';
import { readiness } from '../lib/core/readiness';
import type { CloneResult, Run } from '../lib/core/run';
import type { DatabaseDescription } from '../lib/ports/control-plane';
import type { Phase, World } from '../lib/ports/world';
import { phaseHandler } from './handler';
import { addressOf, blueDatabase, heldFreeze } from './sides';

/**
 * After a restore RDS reports `available` and leaves it again some seconds later to apply parameters, password or logs.
 * Two observations this far apart are practice, not documented.
 */
const SETTLED_SECONDS = 30;

export const clone: Phase<CloneResult> = async (run, world) => {
  const { plan, controlPlane, clock } = world;
  const names = runNames(plan.name, run.runId);
  const freeze = await heldFreeze(run, await blueDatabase(world), clock.now());
  const green = await controlPlane.describe(names.green);
  if (!green) {
    await controlPlane.clone(
      names.green,
      names.snapshot,
      plan.blue.identifier,
      ownershipTags(plan.name, run.runId, freeze.id),
    );
    return waiting(30, `green ${names.green} is being created from snapshot ${names.snapshot}`);
  }
  if (!belongsToRun(green.tags, plan.name, run.runId)) {
    throw new ForeignResource(green.identifier, describeTags(green.tags));
  }
  if (green.tags[TAG_FREEZE] !== freeze.id) {
    if (readiness(green.status) !== 'deleting') {
      await controlPlane.deleteDatabase(green.identifier);
    }
    return waiting(
      30,
      `green ${green.identifier} stems from an earlier freeze, blue was written to since; it is being deleted`,
    );
  }
  return (await settling(run, world, green)) ?? verified(run, world, green, freeze.id);
};

/** Why green is not ready yet, or undefined when it has been ready for long enough. */
async function settling(
  run: Run,
  world: World,
  green: DatabaseDescription,
): Promise<Progress<CloneResult> | undefined> {
  const state = readiness(green.status);
  if (state === 'failed' || state === 'deleting') {
    throw new ResourceFailed(green.identifier, green.status);
  }
  if (state === 'transient') {
    return waiting(30, `green is "${green.status}"`);
  }
  const asked = await settle(world, green.identifier);
  if (asked === 'busy') {
    return waiting(30, 'RDS is busy with green');
  }
  if (asked.length > 0) {
    return waiting(30, `green is getting blue's settings: ${asked.join(', ')}`);
  }
  if (green.unsettled.length > 0) {
    return waiting(30, `green is not settled: ${green.unsettled.join(', ')}`);
  }
  const since = run.memo.settledSinceMs;
  if (typeof since !== 'number') {
    return waiting(SETTLED_SECONDS, 'green is available; looking again to be sure', {
      settledSinceMs: world.clock.now(),
    });
  }
  const restSeconds = SETTLED_SECONDS - (world.clock.now() - since) / 1000;
  return restSeconds > 0
    ? waiting(Math.ceil(restSeconds), 'green is available; looking again to be sure', run.memo)
    : undefined;
}

/** RDS may show "available" and already be busy again: then it is asked later, like anything that is not ready. */
async function settle({ plan, controlPlane }: World, green: string): Promise<readonly string[] | 'busy'> {
  try {
    return await controlPlane.settle(green, plan.blue.identifier);
  } catch (error) {
    if (error instanceof TemporarilyUnavailable) {
      return 'busy';
    }
    throw error;
  }
}

/** The record inside green came with the snapshot: it proves that green stems from this run's freeze of blue. */
async function verified(
  run: Run,
  world: World,
  green: DatabaseDescription,
  freezeId: string,
): Promise<Progress<CloneResult>> {
  const address = addressOf(green);
  const record = await world.database(address).record();
  if (record?.runId !== run.runId || record.freeze?.id !== freezeId) {
    throw new GreenNotOurs(
      green.identifier,
      record ? `run ${record.runId}, freeze ${record.freeze?.id ?? 'none'}` : 'no record',
    );
  }
  const { identifier, resourceId } = green;
  return done(`green ${identifier} is ready, with all of blue's settings`, {
    green: { identifier, resourceId, address },
  });
}

export const handler = phaseHandler(clone);
