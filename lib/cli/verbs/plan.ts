/** `bluegreen plan`: what each statement of a plan's changes means for a run, and whether it may stand where it does. */
import type { ClassifiedStatement } from '../../core/classification';
import type { Plan } from '../../core/plan';
import { readPlan } from '../../plans/plan-folder';
import { readOptions, syncOption } from '../options';
import { planLines } from '../plan-lines';
import { UsageError } from '../usage-error';
import type { Terminal, Verb } from '../verb';

const USAGE = `bluegreen plan <plan-folder> [options]

Shows what each statement of a plan's changes means for a run: whether it is allowed while green follows blue, whether the
way back stays open, whether it rewrites its table. Reads files only; neither blue nor AWS is asked.

Options
  --sync MODE  replication or freeze (default: the plan's)
  --json       print {plan, sync, statements, problems} to standard output and nothing else there
  --verbose    print stack traces of errors
  --help       print this

Exit codes: 0 allowed, 2 usage or plan error, or a statement that is refused`;

const OPTIONS = {
  sync: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const planVerb: Verb = {
  name: 'plan',
  summary: "show what each statement of a plan's changes means for a run",
  usage: USAGE,
  run: plan,
};

/** @returns the exit code */
async function plan(args: readonly string[], { stdout, stderr }: Terminal): Promise<number> {
  const options = parsePlanOptions(args);
  if (options === 'help') {
    stdout.write(`${USAGE}\n`);
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

interface PlanOptions {
  readonly planFolder: string;
  /** Undefined: as the plan says. */
  readonly sync: Plan['sync'] | undefined;
  readonly json: boolean;
}

/** @throws UsageError with everything that is wrong */
function parsePlanOptions(args: readonly string[]): PlanOptions | 'help' {
  const { values, positionals } = readOptions(args, OPTIONS);
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
  const sync = syncOption(values.sync, problems);
  if (problems.length > 0) {
    throw new UsageError(problems);
  }
  return { planFolder, sync, json: values.json ?? false };
}
