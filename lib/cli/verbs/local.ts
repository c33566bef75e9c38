/** `bluegreen local`: a whole run on this machine, with live progress, a report, and an exit code that tells the outcome. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ERROR_POLICIES } from '../../core/error-policies';
import { PlanInvalid } from '../../core/errors';
import { runIdProblem } from '../../core/identifiers';
import type { Plan } from '../../core/plan';
import { type Fault, parseFault } from '../../local/faults';
import { localRun } from '../../local/local-run';
import { openLocalRuntime } from '../../local/local-runtime';
import { parseWorkload, type Workload } from '../../local/prober/workload';
import { RunState } from '../../local/run-state';
import { loadPlan } from '../../plans/plan-folder';
import { EXIT_CODES, type RunReport } from '../../report/report';
import { makeReportFolder, writeReport } from '../../report/write-report';
import { InterruptedAtStart } from '../interrupted-at-start';
import { EXIT_CODE_INTERRUPTED, Interrupts } from '../interrupts';
import { readOptions, syncOption } from '../options';
import { packageFolder } from '../package-folder';
import { progressLines } from '../progress-lines';
import { summaryLines } from '../summary-lines';
import { UsageError } from '../usage-error';
import type { Terminal, Verb } from '../verb';

const USAGE = `bluegreen local [plan-folder] [options]

Runs a plan on this machine, on real database servers, from the very state machine that is deployed, while an
application writes. Without a plan folder it runs examples/orders.

Options
  --fault NAME        make a phase fail: <phase> after its work is done, <phase>:before before it, switchover:opened
                      after green was opened; *N lets it fail N times only; <phase>:kill@N kills this program with
                      SIGKILL at the phase's N-th step, :blue@N and :green@N a side's server, :worker@N what
                      applies one side's changes to the other; bake:alarm lets an alarm fire. May be given several times
  --rehearse          stop after validate and remove what was made; with freeze blue refuses writes until then
  --report DIR        folder for report.json and report.md (default: report)
  --json              print report.json to standard output and nothing else there
  --run-id ID         name of the run; a run that was killed goes on when its id is given again (default: a new one)
  --sync MODE         replication: green follows blue online; freeze: blue refuses writes from before the snapshot until
                      the switchover (default: the plan's)
  --port N            port of the endpoint through which the application connects (default: 15432; 0: any free one)
  --rds-port N        port of the local RDS API (default: any free one)
  --states-port N     port of the local Step Functions API (default: any free one)
  --pace N            let waits pass N times as fast as on AWS (default: 100)
  --hold              keep the servers and APIs running after the run, until Ctrl-C
  --verbose           print stack traces of errors
  --help              print this

Exit codes: 0 migrated or rehearsed, 2 usage or plan error, 3 rolled back, 4 failed back, 5 needs attention`;

const OPTIONS = {
  fault: { type: 'string', multiple: true },
  rehearse: { type: 'boolean' },
  report: { type: 'string' },
  json: { type: 'boolean' },
  'run-id': { type: 'string' },
  sync: { type: 'string' },
  port: { type: 'string' },
  'rds-port': { type: 'string' },
  'states-port': { type: 'string' },
  pace: { type: 'string' },
  hold: { type: 'boolean' },
} as const;

export const localVerb: Verb = {
  name: 'local',
  summary: 'run a plan on this machine, on real database servers',
  usage: USAGE,
  run: local,
};

/** @returns the exit code */
async function local(args: readonly string[], { stdout, stderr }: Terminal): Promise<number> {
  const options = parseLocalOptions(args);
  if (options === 'help') {
    stdout.write(`${USAGE}\n`);
    return 0;
  }
  const out = options.json ? stderr : stdout;
  const plan = await loadPlan(options.planFolder, options.sync);
  const workload = await readWorkload(options.planFolder);
  const runId = options.runId ?? newRunId(plan);
  await makeReportFolder(options.report);
  const interrupts = new Interrupts(out, () => performance.now());
  try {
    const report = await run({ options, plan, workload, runId, interrupts, out });
    if (options.json) {
      stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    }
    return wasRefused(report) ? 2 : EXIT_CODES[report.outcome];
  } catch (error) {
    if (!(error instanceof InterruptedAtStart)) {
      throw error;
    }
    out.write(`${error.message}\n`);
    return EXIT_CODE_INTERRUPTED;
  } finally {
    interrupts.end();
  }
}

interface LocalRunFacts {
  readonly options: LocalOptions;
  readonly plan: Plan;
  readonly workload: Workload | undefined;
  readonly runId: string;
  readonly interrupts: Interrupts;
  readonly out: NodeJS.WriteStream;
}

async function run(facts: LocalRunFacts): Promise<RunReport> {
  const { plan, runId, out } = facts;
  const state = await RunState.open(runId, plan.name);
  let finished = false;
  try {
    out.write(`run ${runId} of plan ${plan.name}\n`);
    out.write(state.record.seeded ? '  going on where it was left …\n' : '  starting blue and filling it …\n');
    const report = await runInRuntime(facts, state);
    finished = report.outcome !== 'needs-attention';
    if (!finished) {
      out.write(`the servers' data are kept; --run-id ${runId} goes on with this run\n`);
    }
    return report;
  } finally {
    await state.close({ finished });
  }
}

async function runInRuntime(facts: LocalRunFacts, state: RunState): Promise<RunReport> {
  const { options, interrupts, out } = facts;
  const runtime = await openRuntime(facts, state);
  try {
    out.write(
      `  ${runtime.engine}; application endpoint 127.0.0.1:${runtime.front.port}; RDS API ${runtime.rdsUrl}; Route 53 API ${runtime.route53.url}; Step Functions API ${runtime.statesUrl}\n`,
    );
    const progress = progressLines(out, Date.now);
    const { report, writes } = await localRun(runtime, {
      ...facts,
      state,
      rehearse: options.rehearse,
      signal: interrupts.signal,
      onProgress: (events) => progress.update(events),
    }).finally(() => progress.end());
    await writeReport(options.report, report);
    out.write(`${summaryLines(report, options.report, writes?.lastRefusal).join('\n')}\n`);
    if (options.hold && !interrupts.signal.aborted) {
      out.write('holding the servers and APIs; Ctrl-C ends them\n');
      await interrupts.next();
    }
    return report;
  } finally {
    await runtime.close();
  }
}

/** Ctrl-C also reaches the programs that make the servers, and what they then fail with says nothing about them. */
async function openRuntime({ options, plan, workload, interrupts }: LocalRunFacts, state: RunState) {
  try {
    return await openLocalRuntime({ ...options, plan, workload, state });
  } catch (error) {
    throw interrupts.signal.aborted ? new InterruptedAtStart({ cause: error }) : error;
  }
}

/** A plan without a workload runs without an application. */
async function readWorkload(planFolder: string): Promise<Workload | undefined> {
  const file = join(planFolder, 'local', 'workload.sql');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw new PlanInvalid(planFolder, [
      `local/workload.sql cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
  return parseWorkload(text, file);
}

function newRunId(plan: Plan): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  return `${plan.name}-${day}-${randomBytes(3).toString('hex')}`;
}

/** The run ended because what was asked for could not be done, and nothing was touched. */
function wasRefused({ outcome, reason }: RunReport): boolean {
  const policies: Readonly<Record<string, string>> = ERROR_POLICIES;
  return outcome === 'rolled-back' && reason !== null && policies[reason.error] === 'refuse';
}

interface LocalOptions {
  readonly planFolder: string;
  readonly faults: readonly Fault[];
  readonly rehearse: boolean;
  /** Undefined: as the plan says. */
  readonly sync: Plan['sync'] | undefined;
  readonly report: string;
  readonly json: boolean;
  readonly runId: string | undefined;
  readonly port: number;
  readonly rdsPort: number;
  readonly statesPort: number;
  readonly pace: number;
  readonly hold: boolean;
}

/** @throws UsageError with everything that is wrong */
function parseLocalOptions(args: readonly string[]): LocalOptions | 'help' {
  const { values, positionals } = readOptions(args, OPTIONS);
  if (values.help) {
    return 'help';
  }
  const problems: string[] = [];
  const attempt = <Value>(work: () => Value): Value | undefined => {
    try {
      return work();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  const number = (name: string, text: string, least: number, most: number) =>
    attempt(() => {
      const value = Number(text);
      if (!/^\d+$/.test(text) || value < least || value > most) {
        throw new Error(`--${name} ${text}: allowed is a whole number from ${least} to ${most}`);
      }
      return value;
    }) ?? least;
  const faults = (values.fault ?? []).flatMap((text) => attempt(() => parseFault(text)) ?? []);
  const idProblem = values['run-id'] === undefined ? undefined : runIdProblem(values['run-id']);
  if (idProblem) {
    problems.push(`--run-id ${values['run-id']}: ${idProblem}`);
  }
  const sync = syncOption(values.sync, problems);
  if (positionals.length > 1) {
    problems.push(`${positionals.length} plan folders (${positionals.join(', ')}): allowed is one`);
  }
  const options: LocalOptions = {
    planFolder: positionals[0] ?? join(packageFolder(__dirname), 'examples', 'orders'),
    faults,
    rehearse: values.rehearse ?? false,
    sync,
    report: values.report ?? 'report',
    json: values.json ?? false,
    runId: values['run-id'],
    port: number('port', values.port ?? '15432', 0, 65_535),
    rdsPort: number('rds-port', values['rds-port'] ?? '0', 0, 65_535),
    statesPort: number('states-port', values['states-port'] ?? '0', 0, 65_535),
    pace: number('pace', values.pace ?? '100', 1, 100_000),
    hold: values.hold ?? false,
  };
  if (problems.length > 0) {
    throw new UsageError(problems);
  }
  return options;
}
