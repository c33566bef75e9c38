/** snapshot: takes the snapshot green is cloned from; without following, freezes blue first and proves that it refuses writes. */
import { ForeignResource, FreezeFailed, ResourceFailed } from '../lib/core/errors';
import { belongsToRun, describeTags, ownershipTags, runNames, TAG_LINEAGE } from '../lib/core/identifiers';
import { done, waiting } from '../lib/core/progress';
import { readiness } from '../lib/core/readiness';
import type { Run, SnapshotResult } from '../lib/core/run';
import type { Database } from '../lib/ports/database';
import type { Phase, World } from '../lib/ports/world';
import { checkKept } from './steps/kept';
import { addressOf, databasesAt, describeBlue, heldFreeze, lineageOf } from './steps/sides';

export const snapshot: Phase<SnapshotResult> = async (run, world) => {
  const { plan, controlPlane } = world;
  const name = runNames(plan.name, run.runId).snapshot;
  const address = addressOf(await describeBlue(world));
  const [blue, ...others] = databasesAt(world, address) as [Database, ...Database[]];
  if (plan.sync === 'freeze') {
    for (const database of [blue, ...others]) {
      await freeze(run, world, database);
    }
  }
  const lineage = await lineageOf(run, world, blue);
  await checkKept(run, world, address);
  const state = plan.sync === 'freeze' ? 'blue refuses writes' : "blue's changes are kept";

  const existing = await controlPlane.describeSnapshot(name);
  if (!existing) {
    await controlPlane.createSnapshot(name, plan.blue.identifier, ownershipTags(plan.name, run.runId, lineage));
    return waiting(30, `${state}; snapshot ${name} is being created`);
  }
  if (!belongsToRun(existing.tags, plan.name, run.runId)) {
    throw new ForeignResource(name, describeTags(existing.tags));
  }
  if (existing.tags[TAG_LINEAGE] !== lineage) {
    if (['usable', 'failed'].includes(readiness(existing.status))) {
      await controlPlane.deleteSnapshot(name);
    }
    return waiting(
      30,
      `snapshot ${name} stems from an earlier attempt, blue was written to since; it is being deleted`,
    );
  }
  switch (readiness(existing.status)) {
    case 'usable':
      return done(`${state}, snapshot ${name} is there`, { snapshot: name });
    case 'transient':
      return waiting(30, `snapshot ${name} is "${existing.status}", ${existing.percentProgress} %`);
    default:
      throw new ResourceFailed(name, existing.status);
  }
};

async function freeze(run: Run, { plan, clock }: World, database: Database): Promise<void> {
  await database.takeLock(run.runId, plan.name);
  await database.freeze(run.runId, new Date(clock.now() + plan.freeze.timeoutSeconds * 1000));
  await database.endClientSessions();
  await heldFreeze(run, database, clock.now());
  const attempt = await database.attemptWrite({ insist: true });
  if (attempt.accepted) {
    throw new FreezeFailed(attempt.message);
  }
}
