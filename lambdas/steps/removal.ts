/** Removes what the run made in RDS, one thing after the other. */
import { belongsToRun, runNames, TAG_DISPOSABLE } from '../../lib/core/identifiers';
import { readiness } from '../../lib/core/readiness';
import type { Leftover, Run } from '../../lib/core/run';
import type { DatabaseDescription } from '../../lib/ports/control-plane';
import type { World } from '../../lib/ports/world';

export async function deleteGreen(
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

export async function deleteSnapshot(run: Run, { plan, controlPlane }: World): Promise<string | undefined> {
  const snapshot = await ownSnapshot(run, plan.name, controlPlane);
  if (!snapshot || plan.snapshot.keep) {
    return undefined;
  }
  if (snapshot.status === 'available' || readiness(snapshot.status) === 'failed') {
    await controlPlane.deleteSnapshot(snapshot.identifier);
  }
  return `snapshot ${snapshot.identifier} is "${snapshot.status}" and goes next`;
}

export async function keptSnapshot(run: Run, { plan, controlPlane, byHand }: World): Promise<Leftover[]> {
  const snapshot = await ownSnapshot(run, plan.name, controlPlane);
  return snapshot
    ? [
        {
          what: `snapshot ${snapshot.identifier}, kept as the plan asks`,
          command: byHand.shape.removeSnapshot(snapshot.identifier),
        },
      ]
    : [];
}

export async function ownSnapshot(run: Run, planName: string, controlPlane: World['controlPlane']) {
  const snapshot = await controlPlane.describeSnapshot(runNames(planName, run.runId).snapshot);
  return snapshot && belongsToRun(snapshot.tags, planName, run.runId) ? snapshot : undefined;
}
