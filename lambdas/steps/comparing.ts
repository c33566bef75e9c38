/** Comparing both sides at one moment: over as many invocations as it takes, by as many workers as the plan says. */
import { mismatchesOf } from '../../lib/core/differences';
import { TemporarilyUnavailable } from '../../lib/core/errors';
import { ComparisonTooSlow } from '../../lib/core/following-errors';
import { LOOK_AGAIN_SECONDS, type Memo, type Waiting, waiting } from '../../lib/core/progress';
import { workersOfRound } from '../../lib/core/ranges';
import type { Run } from '../../lib/core/run';
import { type DeclaredBy, tableName } from '../../lib/core/schema';
import type { Mismatch } from '../../lib/core/verdict';
import type { Comparison, DifferingTable, RangeProgress } from '../../lib/ports/comparison';
import type { World } from '../../lib/ports/world';
import { changedRowsOf } from './changed-rows';
import { changesBetween, declaredBy, unseenBy } from './changes-between';
import { checkFollowed, requireApplying } from './followed';
import { heldFreeze, type Pair } from './sides';

/** After the first, a share is taken only while so much of the invocation is left. */
const LEAST_MS = 2 * 60_000;
/** So few shares, of both sides together, are not worth invocations of their own: whoever finds them left reads them. */
const FEW_SHARES = 4;
/** As which the invocation that marks the moment takes shares; those that are workers only count from 1. */
const OWN_NUMBER = 0;
/** So many tables are searched for the rows that differ; where more of them differ, the changes are wrong as a whole. */
const SEARCHED_TABLES = 20;
/** A search takes no longer; without so much time none is begun. */
const SEARCH_MS = 5 * 60_000;

export interface ComparedPair {
  readonly pair: Pair;
  readonly comparison: Comparison;
  readonly declared: readonly DeclaredBy[];
}

/** One per database that moves. */
export async function comparisonsOf(world: World, pairs: readonly Pair[]): Promise<ComparedPair[]> {
  const { plan } = world;
  const comparisons: ComparedPair[] = [];
  for (const pair of pairs) {
    const changes = await changesBetween(world, pair);
    const declared = declaredBy(changes);
    const comparison = pair.blue.comparisonWith(pair.green, {
      declared,
      unseen: unseenBy(changes),
      timeZone: plan.validation.timeZone,
    });
    comparisons.push({ pair, comparison, declared });
  }
  return comparisons;
}

/** One of several invocations that read what the others do not; what is to be read was decided when the moment was marked. */
export async function compareAsWorker(
  run: Run,
  world: World,
  pairs: readonly Pair[],
  worker: number,
): Promise<Waiting> {
  const { timeZone } = world.plan.validation;
  for (const { blue, green } of pairs) {
    const comparison = blue.comparisonWith(green, { declared: [], unseen: true, timeZone });
    await comparison.compareRanges(worker, timeIsOver(world));
  }
  return waiting(1, `worker ${worker} has compared what it found to do`, run.memo);
}

/** @returns what to wait for; undefined when every range of every database was compared at its moment */
export async function compareAll(
  run: Run,
  world: World,
  comparisons: readonly ComparedPair[],
): Promise<Waiting | undefined> {
  const { plan, clock } = world;
  const memo: Record<string, Memo[string]> = { sinceMs: clock.now(), ...run.memo };
  const later = (why: string) => {
    const waitedSeconds = (clock.now() - Number(memo.sinceMs)) / 1000;
    if (waitedSeconds > plan.follow.timeoutSeconds) {
      throw new TemporarilyUnavailable('a comparison of both sides', { cause: new Error(why) });
    }
    return waiting(LOOK_AGAIN_SECONDS, `both sides could not be compared yet: ${why}`, memo);
  };
  let ranges = 0;
  let compared = 0;
  for (const { pair, comparison } of comparisons) {
    await checkBetween(run, world, pair, memo);
    if (!(await comparison.moment())) {
      refuseAnother(plan, `marked ${pair.name}`, memo, clock.now());
      const unkept = plan.sync === 'replication' ? await whyNotKept(world, pair) : undefined;
      if (unkept) {
        return later(unkept);
      }
      const refused = await mark(run, world, { pair, comparison }, memo);
      if (refused) {
        return later(refused);
      }
      memo[`marked ${pair.name}`] = clock.now();
    }
    const progress = await getOn(world, comparison);
    ranges += progress.ranges;
    compared += progress.compared;
  }
  if (compared < ranges) {
    if (memo.compared === compared) {
      memo.compared = -1;
      return later(`nobody got on with the ${ranges - compared} ranges that are left`);
    }
    memo.compared = compared;
    const wanted = Math.min(plan.validation.parallelism, ranges - compared);
    const made = Number(memo.workers ?? 0);
    const workers = workersOfRound(wanted, made);
    memo.workers = made + workers;
    return { ...waiting(1, `${compared} of ${ranges} ranges are compared`, memo), workers };
  }
  for (const { pair, comparison } of comparisons) {
    const { rewritten } = await comparison.result();
    if (rewritten.length > 0) {
      await comparison.end();
      delete memo[`marked ${pair.name}`];
      memo.compared = -1;
      return later(`${rewritten.join(', ')} was rewritten or emptied in place while it was read`);
    }
  }
  return undefined;
}

/** A publication waits for whoever is at a table for long, such as VACUUM; writers do not wait for it. */
async function whyNotKept(world: World, pair: Pair): Promise<string | undefined> {
  try {
    const kept = await (await changedRowsOf(world, pair, 'blue')).keep();
    return kept ? undefined : 'transactions that are running have to end before it can be kept which rows change';
  } catch (error) {
    if (error instanceof TemporarilyUnavailable) {
      return error.message;
    }
    throw error;
  }
}

export function timeIsOver({ remainingMs }: World): () => boolean {
  return () => remainingMs() < LEAST_MS;
}

/** Whether workers are at it: it began in an earlier invocation, and its moment was marked. */
export function isLong(memo: Memo): boolean {
  return memo.compared !== undefined;
}

/** Reads what is left where that is little. */
async function getOn(world: World, comparison: Comparison): Promise<RangeProgress> {
  const progress = await comparison.progress();
  if (progress.sharesLeft === 0) {
    return progress;
  }
  await comparison.freeClaims(); // between two rounds nobody is at it
  const isOver = timeIsOver(world);
  if (progress.sharesLeft > FEW_SHARES || isOver()) {
    return progress;
  }
  await comparison.compareRanges(OWN_NUMBER, isOver);
  return comparison.progress();
}

/** Where the time of a moment was too short, so would that of the next one be. */
function refuseAnother(
  { validation: { timeoutSeconds } }: World['plan'],
  marked: string,
  memo: Readonly<Record<string, Memo[string]>>,
  nowMs: number,
): void {
  const markedMs = Number(memo[marked] ?? nowMs);
  if ((nowMs - markedMs) / 1000 > timeoutSeconds) {
    throw new ComparisonTooSlow(timeoutSeconds);
  }
}

async function checkBetween(run: Run, world: World, pair: Pair, memo: Record<string, Memo[string]>): Promise<void> {
  const { plan, clock } = world;
  if (plan.sync === 'freeze') {
    await heldFreeze(run, pair.blue, clock.now());
    return;
  }
  await checkFollowed(run, world, pair);
  memo[`errors ${pair.name}`] ??= (await pair.green.subscription(pair.forward))?.errors ?? 0;
}

/** @returns why not now: production was let go at once, and a quieter moment may come */
async function mark(
  run: Run,
  world: World,
  { pair, comparison }: Pick<ComparedPair, 'pair' | 'comparison'>,
  memo: Readonly<Record<string, Memo[string]>>,
): Promise<string | undefined> {
  const { plan, clock } = world;
  const { lockTimeoutMs, timeoutSeconds } = plan.validation;
  try {
    await comparison.mark({
      atMs: clock.now(),
      following: plan.sync === 'replication',
      lockTimeoutMs,
      seconds: timeoutSeconds,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof TemporarilyUnavailable) || plan.sync === 'freeze') {
      throw error;
    }
    await requireApplying(run, world, pair, Number(memo[`errors ${pair.name}`]));
    return error.message;
  }
}

/** Names the rows that differ. */
export async function explain(
  { plan, remainingMs }: { readonly plan: Pick<World['plan'], 'report'>; readonly remainingMs: () => number },
  comparison: Comparison,
  differing: readonly DifferingTable[],
): Promise<Mismatch[]> {
  const mismatches: Mismatch[] = [];
  for (const [index, one] of differing.entries()) {
    const { table, blue, green, problem } = one;
    const object = tableName(table);
    if (problem !== undefined) {
      mismatches.push({ kind: 'content', object, message: `cannot be compared: ${problem}` });
      continue;
    }
    if (blue.rows !== green.rows) {
      mismatches.push({ kind: 'rows', object, message: `${blue.rows} rows on blue, ${green.rows} on green` });
    }
    if (index < SEARCHED_TABLES && remainingMs() > SEARCH_MS) {
      const difference = await comparison.differences(one, plan.report.rowsNamed);
      mismatches.push(...mismatchesOf(difference, plan.report));
    } else {
      mismatches.push({ kind: 'content', object, message: 'its contents differ' });
    }
  }
  return mismatches;
}
