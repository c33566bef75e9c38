/** How a phase finds the databases of its run: by their names, never by what an earlier invocation remembered. */
import { BlueNotFound, FreezeExpired, FreezeFailed, GreenNotOurs, TemporarilyUnavailable } from '../lib/core/errors';
import { belongsToRun, describeTags, runNames } from '../lib/core/identifiers';
import type { Address, Run } from '../lib/core/run';
import type { DatabaseDescription } from '../lib/ports/control-plane';
import type { Database, Freeze } from '../lib/ports/database';
import type { World } from '../lib/ports/world';

export function addressOf({ identifier, address, status }: DatabaseDescription): Address {
  if (!address) {
    throw new TemporarilyUnavailable(`"${identifier}"`, {
      cause: new Error(`it has no address yet (status "${status}")`),
    });
  }
  return address;
}

export async function describeBlue({ plan, controlPlane }: World): Promise<DatabaseDescription> {
  const blue = await controlPlane.describe(plan.blue.identifier);
  if (!blue) {
    throw new BlueNotFound(plan.blue.identifier);
  }
  return blue;
}

export async function blueDatabase(world: World): Promise<Database> {
  return world.database(addressOf(await describeBlue(world)));
}

/** Green of this run; anything else under its name is not touched. */
export async function describeGreen(run: Run, { plan, controlPlane }: World): Promise<DatabaseDescription> {
  const name = runNames(plan.name, run.runId).green;
  const green = await controlPlane.describe(name);
  if (!green || !belongsToRun(green.tags, plan.name, run.runId)) {
    throw new GreenNotOurs(name, green ? describeTags(green.tags) : 'no such instance');
  }
  return green;
}

/**
 * The freeze of blue this run holds.
 *
 * @throws FreezeFailed when blue is not frozen by this run.
 * @throws FreezeExpired when it may not be relied on any more.
 */
export async function heldFreeze(run: Run, blue: Database, nowMs: number): Promise<Freeze> {
  const record = await blue.record();
  if (record?.runId !== run.runId || !record.freeze) {
    throw new FreezeFailed(
      record ? `its record says run "${record.runId}", not frozen by this run` : 'it has no record of a run',
    );
  }
  if (record.freeze.until.getTime() <= nowMs) {
    throw new FreezeExpired(record.freeze.until.toISOString());
  }
  return record.freeze;
}
