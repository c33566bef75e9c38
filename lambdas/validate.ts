/** validate: proves that green's schema is what the changes declare and that it holds what blue holds, at one moment of both. */
import { TemporarilyUnavailable } from '../lib/core/errors';
import { done, type Memo, waiting } from '../lib/core/progress';
import { compareDigests, planComparison } from '../lib/core/schema';
import { type Findings, type Verdict, verdictOf } from '../lib/core/verdict';
import type { Moment } from '../lib/ports/database';
import type { Phase, World } from '../lib/ports/world';
import { runChecks } from './checks';
import { checkFollowed, requireApplying } from './followed';
import { phaseHandler } from './handler';
import { declarationsOf, schemaMismatches, secretMismatches } from './same-schema';
import { addressOf, describeBlue, describeGreen, heldFreeze, type Pair, pairsOf } from './sides';

const LOOK_AGAIN_SECONDS = 15;

export const validate: Phase<Verdict> = async (run, world) => {
  const { plan, clock } = world;
  const blue = addressOf(await describeBlue(world));
  const green = addressOf(await describeGreen(run, world));
  const pairs = pairsOf(run, world, blue, green);
  const atMs = clock.now();
  const shut = await secretMismatches(world, world.database(green));
  if (shut.length > 0) {
    const verdict = verdictOf({ tables: 0, rows: 0, mismatches: shut, checks: [], excluded: [], fenceMs: 0, atMs });
    return done(verdict.summary, verdict);
  }
  const found: Comparison[] = [];
  const memo: Record<string, Memo[string]> = { sinceMs: atMs, ...run.memo };
  for (const pair of pairs) {
    if (plan.sync === 'freeze') {
      await heldFreeze(run, pair.blue, clock.now());
      found.push(await compare(world, pair, { ...pair, fenceMs: 0 }));
      continue;
    }
    await checkFollowed(run, world, pair);
    memo[`errors ${pair.name}`] ??= (await pair.green.subscription(pair.forward))?.errors ?? 0;
    try {
      found.push(await pair.blue.atOneMoment(pair.green, plan.validation, (moment) => compare(world, pair, moment)));
    } catch (error) {
      if (error instanceof TemporarilyUnavailable) {
        // production was let go at once; a quieter moment may come
        await requireApplying(pair, Number(memo[`errors ${pair.name}`]));
        if ((clock.now() - Number(memo.sinceMs)) / 1000 > plan.follow.timeoutSeconds) {
          throw error;
        }
        return waiting(LOOK_AGAIN_SECONDS, `both sides could not be compared yet: ${error.message}`, memo);
      }
      throw error;
    }
  }
  const verdict = verdictOf({
    tables: sum(found.map(({ tables }) => tables)),
    rows: sum(found.map(({ rows }) => rows)),
    mismatches: found.flatMap(({ mismatches }) => mismatches),
    checks: found.flatMap(({ checks }) => checks),
    excluded: found.flatMap(({ excluded }) => excluded),
    fenceMs: Math.round(Math.max(...found.map(({ fenceMs }) => fenceMs)) * 10) / 10,
    atMs,
  });
  return done(verdict.summary, verdict);
};

type Comparison = Omit<Findings, 'atMs'>;

/** Changes and checks are the business of the plan's own database; of any other, green is to be an exact copy. */
async function compare(world: World, pair: Pair, { blue, green, fenceMs }: Moment): Promise<Comparison> {
  const own = pair.name === world.plan.blue.database;
  const declared = await declarationsOf(world, pair);
  const mismatches = await schemaMismatches(world, pair, { blue, green });
  const [blueSchema, greenSchema] = await Promise.all([blue.schema(), green.schema()]);
  const comparison = planComparison(blueSchema, greenSchema, declared);
  let rows = 0;
  for (const table of comparison.tables) {
    const [onBlue, onGreen] = await Promise.all([blue.digest(table.blue), green.digest(table.green)]);
    rows += Number(onBlue.rows);
    if (table.compareRows) {
      mismatches.push(...compareDigests(table.table, onBlue, onGreen));
    }
  }
  const checks = own ? await runChecks(world, green, mismatches) : [];
  return { tables: comparison.tables.length, rows, mismatches, checks, excluded: comparison.excluded, fenceMs };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

export const handler = phaseHandler(validate);
