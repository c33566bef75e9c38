/** validate: proves that green's schema is what the changes declare and that it holds what blue holds, at one moment of both. */
import { summed } from '../lib/core/changed-rows';
import { done } from '../lib/core/progress';
import type { Run } from '../lib/core/run';
import { type Findings, inDatabase, type Verdict, verdictOf } from '../lib/core/verdict';
import type { Phase, World } from '../lib/ports/world';
import { type Looked, listen, look, remembered, toBeRemembered } from './steps/changed-rows';
import { runChecks } from './steps/checks';
import {
  type ComparedPair,
  compareAll,
  compareAsWorker,
  comparisonsOf,
  explain,
  isLong,
  timeIsOver,
} from './steps/comparing';
import { dataDrift } from './steps/data-drift';
import { schemaMismatches, secretMismatches } from './steps/same-schema';
import { addressOf, describeBlue, describeGreen, type Pair, pairsOf } from './steps/sides';

export const validate: Phase<Verdict> = async (run, world) => {
  const blue = addressOf(await describeBlue(world));
  const green = addressOf(await describeGreen(run, world));
  const pairs = pairsOf(run, world, blue, green);
  if (run.worker !== undefined) {
    return compareAsWorker(run, world, pairs, run.worker);
  }
  // once; the switchover looks again
  const shut = run.memo.sinceMs === undefined ? await secretMismatches(world, world.database(green)) : [];
  if (shut.length > 0) {
    const atMs = world.clock.now();
    const verdict = verdictOf({ tables: 0, rows: 0, mismatches: shut, checks: [], excluded: [], fenceMs: 0, atMs });
    return done(verdict.summary, verdict);
  }
  const comparisons = await comparisonsOf(world, pairs);
  const looked = await lookMeanwhile(run, world, pairs);
  const pending = await compareAll(run, world, comparisons);
  if (pending) {
    return { ...pending, memo: { ...pending.memo, ...toBeRemembered(looked) } };
  }
  const found: Findings[] = [];
  for (const compared of comparisons) {
    found.push(await findingsOf(world, compared));
  }
  for (const { comparison } of comparisons) {
    await comparison.end();
  }
  const verdict = verdictOf({
    tables: sum(found.map(({ tables }) => tables)),
    rows: sum(found.map(({ rows }) => rows)),
    mismatches: [...found.flatMap(({ mismatches }) => mismatches), ...looked.mismatches],
    checks: found.flatMap(({ checks }) => checks),
    excluded: found.flatMap(({ excluded }) => excluded),
    drift: found.find(({ drift }) => drift)?.drift,
    ...(looked.compared > 0 && { changedRows: { compared: looked.compared, skipped: looked.skipped } }),
    fenceMs: Math.max(...found.map(({ fenceMs }) => fenceMs)),
    atMs: Math.min(...found.map(({ atMs }) => atMs)),
  });
  return done(verdict.summary, verdict);
};

/** What changes while a comparison takes long is compared meanwhile, so that blue need not keep it till the end. */
async function lookMeanwhile(run: Run, world: World, pairs: readonly Pair[]): Promise<Looked> {
  if (world.plan.sync === 'freeze' || !isLong(run.memo)) {
    return { compared: 0, skipped: [], mismatches: [] };
  }
  const watched = await listen(world, pairs, 'blue');
  const looked = await look(world, watched, { serving: 'blue', untilFew: false, isOver: timeIsOver(world) });
  await Promise.all(watched.map(({ rows }) => rows.close()));
  return { ...looked, ...summed([remembered(run.memo), looked]) };
}

async function findingsOf(world: World, { pair, comparison, declared }: ComparedPair): Promise<Findings> {
  const own = pair.name === world.plan.blue.database;
  const moment = await comparison.moment();
  const { rows, differing } = await comparison.result();
  return comparison.atMoment(async ({ blue, green, schemas, tables, excluded }) => {
    const sides = { blue, green };
    const mismatches = await schemaMismatches(world, pair.name, sides, { schemas, declared });
    mismatches.push(...inDatabase(world.plan, pair.name, await explain(world, comparison, differing)));
    return {
      tables: tables.length,
      rows,
      checks: own ? await runChecks(world, sides, mismatches) : [],
      mismatches,
      excluded,
      drift: own ? await dataDrift(world, sides, { tables: schemas.blue.tables, declared }) : undefined,
      fenceMs: Math.round((moment?.fenceMs ?? 0) * 10) / 10,
      atMs: moment?.atMs ?? 0,
    };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
