/** The checks of the plan, run on green. */
import { DatabaseRefused } from '../lib/core/errors';
import type { CheckResult, Mismatch } from '../lib/core/verdict';
import type { Reader } from '../lib/ports/reader';
import type { World } from '../lib/ports/world';

export async function runChecks({ plan }: World, green: Reader, mismatches: Mismatch[]): Promise<CheckResult[]> {
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
