/** snapshot: freezes blue, proves that it refuses writes, and takes the snapshot green is cloned from. */
import { ForeignResource, FreezeFailed, ResourceFailed } from '../lib/core/errors';
import { belongsToRun, describeTags, ownershipTags, runNames, TAG_FREEZE } from '../lib/core/identifiers';
import { done, waiting } from '../lib/core/progress';
import { readiness } from '../lib/core/readiness';
import type { SnapshotResult } from '../lib/core/run';
import type { Database } from '../lib/ports/database';
import type { Phase } from '../lib/ports/world';
import { phaseHandler } from './handler';
import { blueDatabase, heldFreeze } from './sides';

export const snapshot: Phase<SnapshotResult> = async (run, world) => {
  const { plan, controlPlane, clock } = world;
  const name = runNames(plan.name, run.runId).snapshot;
  const blue = await blueDatabase(world);
  await blue.takeLock(run.runId, plan.name);
  const freeze = await blue.freeze(run.runId, new Date(clock.now() + plan.freeze.timeoutSeconds * 1000));
  await heldFreeze(run, blue, clock.now());
  await proveRefusal(blue);

  const existing = await controlPlane.describeSnapshot(name);
  if (!existing) {
    await controlPlane.createSnapshot(name, plan.blue.identifier, ownershipTags(plan.name, run.runId, freeze.id));
    return waiting(30, `blue refuses writes; snapshot ${name} is being created`);
  }
  if (!belongsToRun(existing.tags, plan.name, run.runId)) {
    throw new ForeignResource(name, describeTags(existing.tags));
  }
  if (existing.tags[TAG_FREEZE] !== freeze.id) {
    if (['usable', 'failed'].includes(readiness(existing.status))) {
      await controlPlane.deleteSnapshot(name);
    }
    return waiting(30, `snapshot ${name} stems from an earlier freeze, blue was written to since; it is being deleted`);
  }
  switch (readiness(existing.status)) {
    case 'usable':
      return done(`blue refuses writes, snapshot ${name} is there`, { snapshot: name });
    case 'transient':
      return waiting(30, `snapshot ${name} is "${existing.status}", ${existing.percentProgress} %`);
    default:
      throw new ResourceFailed(name, existing.status);
  }
};

async function proveRefusal(blue: Database): Promise<void> {
  const attempt = await blue.attemptWrite({ insist: true });
  if (attempt.accepted) {
    throw new FreezeFailed(attempt.message);
  }
}

export const handler = phaseHandler(snapshot);
