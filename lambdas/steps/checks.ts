/** The checks of the plan, run on green, and on blue where both sides are seen at one moment. */
import { COMPARED, COUNTED, judgeNoRows, judgeSame } from '../../lib/core/answers';
import type { Check, CheckResult, Judged } from '../../lib/core/checks';
import { DatabaseRefused } from '../../lib/core/errors';
import { shortened } from '../../lib/core/shortened';
import { judgeSpeed } from '../../lib/core/speed';
import type { Mismatch } from '../../lib/core/verdict';
import type { Reader } from '../../lib/ports/reader';
import type { World } from '../../lib/ports/world';
import { measure } from './speed';

const CHARACTERS_OF_SERVER = 200;

export interface CheckedSides {
  /** Without it only those checks run that look at green alone. */
  readonly blue?: Reader;
  readonly green: Reader;
}

export async function runChecks(
  { plan }: Pick<World, 'plan'>,
  sides: CheckedSides,
  mismatches: Mismatch[],
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of plan.checks) {
    const object = `checks/${check.file}`;
    try {
      const judged = await run(check, sides, plan.validation.slowerThan);
      results.push(...(judged ? [judged.result] : []));
      if (judged?.against !== undefined) {
        mismatches.push({ kind: 'check', object, message: judged.against });
      }
    } catch (error) {
      if (!(error instanceof DatabaseRefused)) {
        throw error;
      }
      mismatches.push({
        kind: 'check',
        object,
        message: `cannot be run: ${shortened(error.serverMessage, CHARACTERS_OF_SERVER)}`,
      });
    }
  }
  return results;
}

async function run({ file, kind, sql }: Check, { blue, green }: CheckedSides, slowerThan: number) {
  if (kind === 'no-rows') {
    return judgeNoRows(file, await green.answer(sql, COUNTED));
  }
  if (!blue) {
    return undefined;
  }
  if (kind === 'same') {
    return judgeSame(file, await blue.answer(sql, COMPARED), await green.answer(sql, COMPARED));
  }
  const judge = async (): Promise<Judged> => judgeSpeed(file, await measure(sql, { blue, green }), slowerThan);
  const first = await judge();
  // production goes on meanwhile: only what is slow twice is slow
  return first.result.passed ? first : judge();
}
