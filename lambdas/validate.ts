/** validate: proves that green's schema is what the changes declare and that it holds what blue holds, while both stand still. */
import type { LedgerEntry } from '../lib/core/changes';
import { DatabaseRefused } from '../lib/core/errors';
import { done } from '../lib/core/progress';
import { compareDigests, compareSchemas, type DeclaredBy, planComparison } from '../lib/core/schema';
import { type CheckResult, type Mismatch, type Verdict, verdictOf } from '../lib/core/verdict';
import type { Database } from '../lib/ports/database';
import type { Phase, World } from '../lib/ports/world';
import { phaseHandler } from './handler';
import { addressOf, blueDatabase, describeGreen, heldFreeze } from './sides';

export const validate: Phase<Verdict> = async (run, world) => {
  const blue = await blueDatabase(world);
  const green = world.database(addressOf(await describeGreen(run, world)));
  await heldFreeze(run, blue, world.clock.now());

  const declared = declarationsOf(world, await green.ledger());
  const [blueSchema, greenSchema] = await Promise.all([blue.schema(), green.schema()]);
  const mismatches: Mismatch[] = compareSchemas(blueSchema, greenSchema, declared);
  const comparison = planComparison(blueSchema, greenSchema, declared);
  let rows = 0;
  for (const table of comparison.tables) {
    const [onBlue, onGreen] = await Promise.all([blue.digest(table.blue), green.digest(table.green)]);
    rows += Number(onBlue.rows);
    if (table.compareRows) {
      mismatches.push(...compareDigests(table.table, onBlue, onGreen));
    }
  }
  const checks = await runChecks(world, green, mismatches);
  const verdict = verdictOf({
    tables: comparison.tables.length,
    rows,
    mismatches,
    checks,
    excluded: comparison.excluded,
  });
  return done(verdict.summary, verdict);
};

/** Contract changes count once green has them: a switchover that was interrupted may have applied some. */
function declarationsOf({ plan }: World, ledger: readonly LedgerEntry[]): DeclaredBy[] {
  const applied = new Set(ledger.map(({ number }) => number));
  return plan.changes
    .filter(({ kind, number }) => kind === 'expand' || applied.has(number))
    .flatMap(({ file, declarations }) => declarations.map((declaration) => ({ file, declaration })));
}

async function runChecks({ plan }: World, green: Database, mismatches: Mismatch[]): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { file, sql } of plan.checks) {
    const object = `checks/${file}`;
    try {
      const rows = await green.check(sql);
      results.push({ file, rows });
      if (rows > 0) {
        mismatches.push({ kind: 'check', object, message: `returned ${rows} rows, must return none` });
      }
    } catch (error) {
      if (!(error instanceof DatabaseRefused)) {
        throw error;
      }
      mismatches.push({ kind: 'check', object, message: `cannot be run: ${error.serverMessage}` });
    }
  }
  return results;
}

export const handler = phaseHandler(validate);
