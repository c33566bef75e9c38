/** `bluegreen plan`: what each statement of a plan's changes means for a run, and whether it may stand where it does. */

import type { ClassifiedStatement } from '../../core/classification';
import { readPlan } from '../../plans/plan-folder';
import { planLines } from '../plan-lines';
import { PLAN_USAGE, parsePlanOptions } from '../plan-options';
import type { Terminal } from './local';

/** @returns the exit code */
export async function plan(args: readonly string[], { stdout, stderr }: Terminal): Promise<number> {
  const options = parsePlanOptions(args);
  if (options === 'help') {
    stdout.write(`${PLAN_USAGE}\n`);
    return 0;
  }
  const reading = await readPlan(options.planFolder, options.sync);
  const { plan: read, statements, problems } = reading;
  const sync = options.sync ?? read?.sync;
  if (options.json) {
    const document = { plan: read?.name ?? null, sync: sync ?? null, statements, problems };
    stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    stdout.write(`${planLines(reading, sync).join('\n')}\n`);
  }
  const refused = [...problems, ...statements.flatMap(refusals)];
  stderr.write(refused.map((line) => `${line}\n`).join(''));
  return refused.length > 0 ? 2 : 0;
}

/** As editors and terminals find the place. */
function refusals({ file, line, refused }: ClassifiedStatement): string[] {
  return refused.map(({ reason, remedy }) => `changes/${file}:${line}: ${reason}; ${remedy}`);
}
