/** What both kinds of switchover share: what must be proved, what protects green, what opens it, and what follows if nobody waits any more. */
import { chainHash, pendingChanges } from '../../lib/core/changes';
import { SwitchoverRefused } from '../../lib/core/errors';
import { runNames, TAG_DISPOSABLE } from '../../lib/core/identifiers';
import { inOrderOfApplication } from '../../lib/core/ledger';
import { readiness } from '../../lib/core/readiness';
import type { Run } from '../../lib/core/run';
import type { DatabaseDescription } from '../../lib/ports/control-plane';
import type { Database } from '../../lib/ports/database';
import type { World } from '../../lib/ports/world';
import { addressOf, type Pair } from './sides';

export interface Sides {
  readonly blue: DatabaseDescription;
  readonly green: DatabaseDescription;
  readonly pairs: readonly Pair[];
  readonly own: Pair;
}

/** The plan's own database decides; the others follow what was decided there. */
export async function openGreen(run: Run, { pairs, own }: Sides): Promise<void> {
  if ((await own.green.open(run.runId)) === 'abandoned') {
    throw new SwitchoverRefused(['a recovery of this run abandoned green; blue serves']);
  }
  await Promise.all(pairs.map(({ green }) => green.open(run.runId)));
}

/** The tag first: from here on no right to delete "what this run created" covers what is about to become production. */
export async function protectGreen({ controlPlane }: World, { blue, green }: Sides): Promise<void> {
  await controlPlane.tag(green.identifier, { [TAG_DISPOSABLE]: 'false' });
  await controlPlane.setDeletionProtection(green.identifier, blue.deletionProtection);
}

/** However old it is: what changed since is compared again. */
export function whyUnproved(run: Run): string[] {
  return run.results.validate?.pass === true ? [] : ['there is no verdict that green equals blue'];
}

/** Why green could hand out values that blue has used, or have none left; each with its remedy. */
export async function whyNotCarried(pairs: readonly Pair[]): Promise<string[]> {
  const found = await Promise.all(
    pairs.map(async ({ name, blue, green }) =>
      (await blue.countersTo(green).whyNotCarried()).map((why) => `database "${name}": ${why}`),
    ),
  );
  return found.flat();
}

export function refuse(reasons: readonly string[]): void {
  if (reasons.length > 0) {
    throw new SwitchoverRefused(reasons);
  }
}

/** @returns what the server is still at when `restMs` are over; undefined when all are applied */
export async function applyContractChanges(
  run: Run,
  { plan }: World,
  onGreen: Database,
  restMs: () => number,
): Promise<string | undefined> {
  for (;;) {
    const running = await onGreen.runningChange();
    if (running) {
      return running;
    }
    const ledger = inOrderOfApplication(await onGreen.ledger());
    const [change] = pendingChanges(plan.changes, ledger);
    if (!change) {
      return undefined;
    }
    await onGreen.applyChange(run.runId, change, chainHash(ledger.at(-1), change), restMs());
  }
}

/** The recovery may have looked at the endpoint before it was moved here. */
export async function leadBackIfGivenUp(run: Run, world: World, sides: Sides): Promise<void> {
  if (await wasGivenUp(run, world, sides)) {
    await world.endpoint.swap(addressOf(sides.blue));
  }
}

/** Whether a recovery has gone back to blue for good: after a stopped execution nobody waits for this invocation. */
async function wasGivenUp(run: Run, { plan, controlPlane }: World, { own }: Sides): Promise<boolean> {
  try {
    const green = await controlPlane.describe(runNames(plan.name, run.runId).green);
    if (!green || readiness(green.status) === 'deleting' || (await own.blue.record())?.freeze === undefined) {
      return true;
    }
    return (await own.green.record())?.greenState === 'abandoned';
  } catch {
    return false; // it may have been opened: nobody goes back on a guess
  }
}
