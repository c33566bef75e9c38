/** clone: creates green from the snapshot with all of blue's settings and waits until it is really ready. */
import { ForeignResource, GreenNotOurs, ResourceFailed, TemporarilyUnavailable } from '../lib/core/errors';
import { SeedUnusable } from '../lib/core/following-errors';
import { belongsToRun, describeTags, ownershipTags, runNames, TAG_LINEAGE } from '../lib/core/identifiers';
import { done, type Progress, waiting } from '../lib/core/progress';
import { isConfigured, readiness } from '../lib/core/readiness';
import type { Address, CloneResult, Run } from '../lib/core/run';
import type { DatabaseDescription } from '../lib/ports/control-plane';
import type { Phase, World } from '../lib/ports/world';
import { checkKept } from './steps/kept';
import { addressOf, describeBlue, lineageOf, pairsOf } from './steps/sides';

/**
 * After a restore RDS reports `available` and leaves it again some seconds later to apply parameters, password or logs.
 * Two observations this far apart are practice, not documented.
 */
const SETTLED_SECONDS = 30;

export const clone: Phase<CloneResult> = async (run, world) => {
  const { plan, controlPlane } = world;
  const names = runNames(plan.name, run.runId);
  const blue = addressOf(await describeBlue(world));
  const lineage = await lineageOf(run, world, world.database(blue));
  await checkKept(run, world, blue);
  const green = await controlPlane.describe(names.green);
  if (!green) {
    await controlPlane.clone(
      names.green,
      names.snapshot,
      plan.blue.identifier,
      ownershipTags(plan.name, run.runId, lineage),
    );
    return waiting(30, `green ${names.green} is being created from snapshot ${names.snapshot}`);
  }
  if (!belongsToRun(green.tags, plan.name, run.runId)) {
    throw new ForeignResource(green.identifier, describeTags(green.tags));
  }
  if (green.tags[TAG_LINEAGE] !== lineage) {
    if (readiness(green.status) !== 'deleting') {
      await controlPlane.deleteDatabase(green.identifier);
    }
    return waiting(
      30,
      `green ${green.identifier} stems from an earlier attempt, blue was written to since; it is being deleted`,
    );
  }
  const state = readiness(green.status);
  if (state === 'failed' || state === 'deleting') {
    throw new ResourceFailed(green.identifier, green.status);
  }
  if (state === 'transient') {
    return waiting(30, `green is "${green.status}"`);
  }
  // before anything may restart it: where a copy begins, not every server remembers for longer
  await verify(run, world, blue, green);
  const settling = await settle(run, world, green);
  if (settling) {
    return settling;
  }
  const { identifier, resourceId } = green;
  return done(`green ${identifier} is ready, with all of blue's settings`, {
    green: { identifier, resourceId, address: addressOf(green) },
  });
};

/** What green carries inside came with the snapshot: it proves that green stems from this run's blue, and from nothing older. */
async function verify(run: Run, world: World, blue: Address, green: DatabaseDescription): Promise<void> {
  for (const pair of pairsOf(run, world, blue, addressOf(green))) {
    const [onBlue, onGreen] = await Promise.all([pair.blue.record(), pair.green.record()]);
    const expected = world.plan.sync === 'freeze' ? onBlue?.freeze?.id : onBlue?.lineage;
    const found = world.plan.sync === 'freeze' ? onGreen?.freeze?.id : onGreen?.lineage;
    if (onGreen?.runId !== run.runId || expected === undefined || found !== expected) {
      throw new GreenNotOurs(
        green.identifier,
        onGreen ? `run ${onGreen.runId}, lineage ${found ?? 'none'} in database "${pair.name}"` : 'no record',
      );
    }
    if (world.plan.sync === 'replication' && (await pair.green.adopt(run.runId)) === undefined) {
      throw new SeedUnusable(green.identifier, 'it does not know at which position of blue it was copied');
    }
  }
}

/** Why green is not settled yet, or undefined when it has been for long enough. */
async function settle(run: Run, world: World, green: DatabaseDescription): Promise<Progress<CloneResult> | undefined> {
  const asked = await askForSettings(world, green.identifier);
  if (asked === 'busy') {
    return waiting(30, 'RDS is busy with green');
  }
  if (asked.length > 0) {
    return waiting(30, `green is getting blue's settings: ${asked.join(', ')}`);
  }
  if (!isConfigured(green.status)) {
    return waiting(30, `green is "${green.status}"`);
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
async function askForSettings({ plan, controlPlane }: World, green: string): Promise<readonly string[] | 'busy'> {
  try {
    return await controlPlane.settle(green, plan.blue.identifier);
  } catch (error) {
    if (error instanceof TemporarilyUnavailable) {
      return 'busy';
    }
    throw error;
  }
}
