/** retire: deletes old blue and the run's snapshot, or leaves what the plan wants to keep, and ends the run's lock on green. */
import { ControlPlaneRefused, ResourceBusy, SwitchoverRefused } from '../lib/core/errors';
import { belongsToRun, channelName, runNames, TAG_DISPOSABLE } from '../lib/core/identifiers';
import { done, waiting } from '../lib/core/progress';
import { readiness } from '../lib/core/readiness';
import type { Leftover, RetireResult, Run } from '../lib/core/run';
import type { DatabaseDescription } from '../lib/ports/control-plane';
import { leadsTo } from '../lib/ports/endpoint-swap';
import type { Phase, World } from '../lib/ports/world';
import { addressOf, databaseNames, databasesAt, describeGreen } from './steps/sides';

export const retire: Phase<RetireResult> = async (run, world) => {
  const { plan, controlPlane } = world;
  const names = runNames(plan.name, run.runId);
  const green = await describeGreen(run, world);
  await requireGreenServes(run, world, green);

  const leftovers: Leftover[] = [];
  const found = await controlPlane.describe(plan.blue.identifier);
  const blue = found?.resourceId === green.resourceId ? undefined : found;
  const kept = blue && whyBlueIsKept(world, blue);
  if (blue && !kept && readiness(blue.status) !== 'deleting') {
    await deleteBlue(run, world, { blue, green });
  }
  await endWayBack(run, world, { blue, green });
  if (blue && !kept) {
    return waiting(30, `blue ${blue.identifier} is being deleted`);
  }
  leftovers.push(...(kept ? [kept] : []));
  const snapshot = await controlPlane.describeSnapshot(names.snapshot);
  if (snapshot && belongsToRun(snapshot.tags, plan.name, run.runId) && !plan.snapshot.keep) {
    if (snapshot.status === 'available') {
      await controlPlane.deleteSnapshot(names.snapshot);
    }
    return waiting(30, `snapshot ${names.snapshot} is being deleted`);
  }
  for (const kept of [snapshot, await controlPlane.describeSnapshot(names.finalSnapshot)]) {
    if (kept) {
      leftovers.push({
        what: `snapshot ${kept.identifier}, kept as the plan asks`,
        command: world.byHand.shape.removeSnapshot(kept.identifier),
      });
    }
  }
  for (const database of databasesAt(world, addressOf(green)).toReversed()) {
    await database.release(run.runId); // the plan's own last: its record says that green was opened
  }
  return done(
    leftovers.length === 0 ? 'blue and the snapshot are gone' : `kept: ${leftovers.map(({ what }) => what).join('; ')}`,
    {
      leftovers,
    },
  );
};

/** Deleting blue is right only while the application demonstrably lives on green. */
async function requireGreenServes(run: Run, world: World, green: DatabaseDescription): Promise<void> {
  const { endpoint } = world;
  const reasons: string[] = [];
  if (!leadsTo(await endpoint.target(), green.address)) {
    reasons.push(`the endpoint does not lead to green ${green.identifier}; blue is not retired`);
  }
  if (green.tags[TAG_DISPOSABLE] !== 'false') {
    reasons.push(`green ${green.identifier} still carries the tag of a disposable copy; blue is not retired`);
  }
  if (reasons.length > 0) {
    throw new SwitchoverRefused(reasons);
  }
  const own = world.database(addressOf(green));
  const record = await own.record();
  if (record && !(await own.moveGreen(run.runId, ['open'], 'retiring'))) {
    throw new SwitchoverRefused([`green ${green.identifier} is ${record.greenState}; blue is not retired`]);
  }
}

interface Sides<Blue> {
  readonly blue: Blue;
  readonly green: DatabaseDescription;
}

/** From here on there is no way back. A blue that does not answer keeps a subscription without a slot, and goes away itself. */
async function endWayBack(
  run: Run,
  world: World,
  { blue, green }: Sides<DatabaseDescription | undefined>,
): Promise<void> {
  for (const name of world.plan.sync === 'replication' ? databaseNames(world.plan) : []) {
    const back = channelName(world.plan.name, run.runId, name, 'back');
    const rows = channelName(world.plan.name, run.runId, name, 'rows');
    if (blue?.address && ['usable', 'deleting'].includes(readiness(blue.status))) {
      const unsubscribed = world.database(blue.address, name).unsubscribe(back);
      await (whyBlueIsKept(world, blue) ? unsubscribed : unsubscribed.catch(() => undefined));
      await (whyBlueIsKept(world, blue) ? world.database(blue.address, name).closeChannel(rows) : undefined);
    }
    await world.database(addressOf(green), name).closeChannel(back);
    await world.database(addressOf(green), name).closeChannel(rows);
  }
}

function whyBlueIsKept({ plan, byHand: { shape } }: World, blue: DatabaseDescription): Leftover | undefined {
  const command = shape.remove(blue.identifier, `${blue.identifier}-final`);
  if (plan.retire.blue === 'keep') {
    return { what: `blue ${blue.identifier}, frozen, kept as the plan asks`, command };
  }
  if (blue.deletionProtection) {
    return {
      what: `blue ${blue.identifier}, frozen, kept because it is protected against deletion`,
      command: `${shape.unprotect(blue.identifier)} && ${command}`,
    };
  }
  return undefined;
}

/** The way back stays whole until RDS has taken the order: after a refusal the application can be moved back as before. */
async function deleteBlue(run: Run, world: World, { blue, green }: Sides<DatabaseDescription>): Promise<void> {
  try {
    await orderDeletion(run, world, blue);
  } catch (error) {
    const own = world.database(addressOf(green));
    if (REFUSALS.some((refusal) => error instanceof refusal) && (await own.record())) {
      await own.moveGreen(run.runId, ['retiring'], 'open');
    }
    throw error;
  }
}

/** After any other error blue may be on its way out. */
const REFUSALS = [SwitchoverRefused, ControlPlaneRefused, ResourceBusy];

async function orderDeletion(run: Run, world: World, blue: DatabaseDescription): Promise<void> {
  const { plan, controlPlane } = world;
  const record = await world.database(addressOf(blue)).record();
  if (record?.runId !== run.runId || !record.freeze) {
    throw new SwitchoverRefused([`"${blue.identifier}" is not the database this run froze; it is not deleted`]);
  }
  const names = runNames(plan.name, run.runId);
  await controlPlane.deleteDatabase(blue.identifier, plan.retire.finalSnapshot ? names.finalSnapshot : undefined);
}
