/** The way back: what lets blue follow green once the application has moved, prepared before and begun after. */
import { type Change, pendingChanges } from '../../lib/core/changes';
import { SwitchoverRefused } from '../../lib/core/errors';
import type { Plan } from '../../lib/core/plan';
import type { Address } from '../../lib/core/run';
import type { Pair } from './sides';

/**
 * Publishes on green the columns blue has, and subscribes blue to them without following yet.
 *
 * The server lets nobody drop or retype a column that a publication names: where contract changes are still to come, the
 * columns are named after them, see {@link nameColumns}.
 *
 * @returns false when a slot has to wait for transactions on green
 * @throws SwitchoverRefused when something cannot flow back, and the plan does not accept that
 */
export async function prepareWayBack(plan: Plan, pairs: readonly Pair[], green: Address): Promise<boolean> {
  const pending = new Map(await Promise.all(pairs.map(async (pair) => [pair, await pendingOf(plan, pair)] as const)));
  const ways = await Promise.all(pairs.map((pair) => wayBackOfPair(pair, pending.get(pair))));
  const obstacles = ways.flatMap(({ obstacles }) => obstacles);
  if (obstacles.length > 0) {
    if (plan.acceptOneWay) {
      return true;
    }
    throw new SwitchoverRefused(obstacles.map(noWayBack));
  }
  for (const { pair, tables } of ways) {
    const hasPending = (pending.get(pair) ?? []).length > 0;
    const published = hasPending ? tables.map(({ schema, name }) => ({ schema, name })) : tables;
    if (!(await pair.green.publishColumns(pair.back, published))) {
      return false;
    }
    await pair.blue.subscribe(pair.back, green);
    await pair.green.forgetWritten(pair.back); // decoded while nobody waits for it
  }
  return true;
}

/** What green has applied of blue's writes, and what changes wrote, must not flow back: blue begins behind it. */
export async function beginWayBackHere(pairs: readonly Pick<Pair, 'blue' | 'green' | 'back'>[]): Promise<void> {
  await Promise.all(pairs.map(async ({ blue, green, back }) => blue.passOver(back, await green.endOfWritten())));
}

/**
 * Names the columns that flow back now that the tables of the plan's own database are what they will be.
 *
 * @returns false when changes did what their text does not show, and the plan accepts that nothing flows back
 */
export async function nameColumns(plan: Plan, pairs: readonly Pair[], own: Pair): Promise<boolean> {
  const { obstacles, tables } = await wayBackOfPair(own);
  if (obstacles.length === 0) {
    await own.green.setPublishedColumns(own.back, tables);
    return true;
  }
  if (!plan.acceptOneWay) {
    throw new SwitchoverRefused(obstacles.map(noWayBack));
  }
  for (const { blue, green, back } of pairs) {
    await blue.unsubscribe(back);
    await green.closeChannel(back);
  }
  return false;
}

async function wayBackOfPair(pair: Pair, pending: readonly Change[] = []) {
  return { pair, ...(await pair.blue.wayBackFrom(pair.green, pending)) };
}

/** Changes are the business of the plan's own database. */
async function pendingOf(plan: Plan, { name, green }: Pair): Promise<readonly Change[]> {
  return name === plan.blue.database ? pendingChanges(plan.changes, await green.ledger()) : [];
}

/** An obstacle with its remedy. */
export function noWayBack(obstacle: string): string {
  return `what is written to green could not flow back to blue: ${obstacle}; keep what blue has until it is retired, or set acceptOneWay: true in plan.json if the application need never move back`;
}

/** Whether blue follows green, or is about to. */
export async function hasWayBack(pairs: readonly Pair[]): Promise<boolean> {
  const subscriptions = await Promise.all(pairs.map(({ blue, back }) => blue.subscription(back)));
  return subscriptions.every((subscription) => subscription !== undefined);
}
