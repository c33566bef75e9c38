/** How a phase finds the databases of its run: by their names, never by what an earlier invocation remembered. */
import { BlueNotFound, FreezeExpired, FreezeFailed, GreenNotOurs, TemporarilyUnavailable } from '../../lib/core/errors';
import { LineageLost } from '../../lib/core/following-errors';
import { belongsToRun, channelName, describeTags, runNames } from '../../lib/core/identifiers';
import type { PlanSettings } from '../../lib/core/plan';
import type { Address, Run } from '../../lib/core/run';
import type { DatabaseDescription } from '../../lib/ports/control-plane';
import type { Database, Freeze } from '../../lib/ports/database';
import type { World } from '../../lib/ports/world';

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

/** Green of this run; anything else under its name is not touched. */
export async function describeGreen(run: Run, { plan, controlPlane }: World): Promise<DatabaseDescription> {
  const name = runNames(plan.name, run.runId).green;
  const green = await controlPlane.describe(name);
  if (!green || !belongsToRun(green.tags, plan.name, run.runId)) {
    throw new GreenNotOurs(name, green ? describeTags(green.tags) : 'no such instance');
  }
  return green;
}

/** The databases that move, the plan's own first: its record is the one that counts. */
export function databaseNames({ blue, followedDatabases }: Pick<PlanSettings, 'blue' | 'followedDatabases'>): string[] {
  return [...new Set([blue.database, ...followedDatabases])];
}

/** Every database of one side that moves. */
export function databasesAt(world: World, address: Address): Database[] {
  return databaseNames(world.plan).map((name) => world.database(address, name));
}

/** One database on both sides, with the ways between them. */
export interface Pair {
  readonly name: string;
  readonly blue: Database;
  readonly green: Database;
  /** Name of publication, slot and subscription from blue to green. */
  readonly forward: string;
  /** The same for the way back. */
  readonly back: string;
  /** Name of publication and slot, on either side, which keep which of its rows change. */
  readonly rows: string;
}

export function pairsOf(run: Run, world: World, blue: Address, green: Address): Pair[] {
  const { plan } = world;
  return databaseNames(plan).map((name) => ({
    name,
    blue: world.database(blue, name),
    green: world.database(green, name),
    forward: channelName(plan.name, run.runId, name, 'forward'),
    back: channelName(plan.name, run.runId, name, 'back'),
    rows: channelName(plan.name, run.runId, name, 'rows'),
  }));
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

/** What a copy of blue must stem from to be of use: this freeze of blue, or this slot. */
export async function lineageOf(run: Run, { plan, clock }: World, blue: Database): Promise<string> {
  if (plan.sync === 'freeze') {
    return (await heldFreeze(run, blue, clock.now())).id;
  }
  const record = await blue.record();
  if (record?.runId !== run.runId || record.lineage === undefined) {
    throw new LineageLost(
      plan.blue.database,
      record ? `blue's record is of run "${record.runId}", without a slot` : 'blue has no record of a run',
    );
  }
  return record.lineage;
}
