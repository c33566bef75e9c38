/** The options of `bluegreen plan`. */
import { parseArgs } from 'node:util';
import type { Plan } from '../core/plan';
import { UsageError } from './usage-error';

export const PLAN_USAGE = `bluegreen plan <plan-folder> [options]

Shows what each statement of a plan's changes means for a run: whether it is allowed while green follows blue, whether the
way back stays open, whether it rewrites its table. Reads files only; neither blue nor AWS is asked.

Options
  --sync MODE  replication or freeze (default: the plan's)
  --json       print {plan, sync, statements, problems} to standard output and nothing else there
  --verbose    print stack traces of errors
  --help       print this

Exit codes: 0 allowed, 2 usage or plan error, or a statement that is refused`;

const SYNC_MODES: readonly Plan['sync'][] = ['replication', 'freeze'];

export interface PlanOptions {
  readonly planFolder: string;
  /** Undefined: as the plan says. */
  readonly sync: Plan['sync'] | undefined;
  readonly json: boolean;
}

/** @throws UsageError with everything that is wrong */
export function parsePlanOptions(args: readonly string[]): PlanOptions | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) {
    return 'help';
  }
  const problems: string[] = [];
  const [planFolder = ''] = positionals;
  if (positionals.length !== 1) {
    problems.push(
      positionals.length === 0
        ? 'the plan folder is missing; examples/orders is one'
        : `${positionals.length} plan folders (${positionals.join(', ')}): allowed is one`,
    );
  }
  const sync = SYNC_MODES.find((mode) => mode === values.sync);
  if (values.sync !== undefined && sync === undefined) {
    problems.push(`--sync ${values.sync}: allowed are ${SYNC_MODES.join(' and ')}`);
  }
  if (problems.length > 0) {
    throw new UsageError(problems);
  }
  return { planFolder, sync, json: values.json ?? false };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        sync: { type: 'string' },
        json: { type: 'boolean' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError([error instanceof Error ? error.message : String(error)]);
  }
}
