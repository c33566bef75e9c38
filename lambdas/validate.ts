/** validate: proves that green's schema is what the changes declare and that it holds what blue holds, at one moment of both. */
import { done } from '../lib/core/progress';
import { type Findings, type Verdict, verdictOf } from '../lib/core/verdict';
import type { Phase, World } from '../lib/ports/world';
import { runChecks } from './checks';
import { bringAbout, type ComparedPair, compareAsWorker, comparisonsOf, explain } from './comparing';
import { dataDrift } from './data-drift';
import { phaseHandler } from './handler';
import { inDatabase, schemaMismatches, secretMismatches } from './same-schema';
import { addressOf, describeBlue, describeGreen, pairsOf } from './sides';

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
  const pending = await bringAbout(run, world, comparisons);
  if (pending) {
    return pending;
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
    mismatches: found.flatMap(({ mismatches }) => mismatches),
    checks: found.flatMap(({ checks }) => checks),
    excluded: found.flatMap(({ excluded }) => excluded),
    drift: found.find(({ drift }) => drift)?.drift,
    fenceMs: Math.max(...found.map(({ fenceMs }) => fenceMs)),
    atMs: Math.min(...found.map(({ atMs }) => atMs)),
  });
  return done(verdict.summary, verdict);
};

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

export const handler = phaseHandler(validate);
