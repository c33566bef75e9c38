/** `bluegreen local`: a whole run on this machine, with live progress, a report, and an exit code that tells the outcome. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ERROR_POLICIES } from '../../core/error-policies';
import { PlanInvalid } from '../../core/errors';
import type { Plan } from '../../core/plan';
import { localRun } from '../../local/local-run';
import { openLocalRuntime } from '../../local/local-runtime';
import { parseWorkload, type Workload } from '../../local/prober/workload';
import { RunState } from '../../local/run-state';
import { loadPlan } from '../../plans/plan-folder';
import { EXIT_CODES, type RunReport } from '../../report/report';
import { makeReportFolder, writeReport } from '../../report/write-report';
import { InterruptedAtStart } from '../interrupted-at-start';
import { EXIT_CODE_INTERRUPTED, Interrupts } from '../interrupts';
import { LOCAL_USAGE, type LocalOptions, parseLocalOptions } from '../local-options';
import { progressLines } from '../progress-lines';
import { summaryLines } from '../summary-lines';

export interface Terminal {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** @returns the exit code */
export async function local(args: readonly string[], { stdout, stderr }: Terminal): Promise<number> {
  const options = parseLocalOptions(args);
  if (options === 'help') {
    stdout.write(`${LOCAL_USAGE}\n`);
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
