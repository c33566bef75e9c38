/** One run in the local runtime, with an application writing all the while, and its report. */
import { join } from 'node:path';
import { runNames } from '../core/identifiers';
import type { Plan } from '../core/plan';
import { buildReport } from '../report/build-report';
import { phaseTimeline, type SeenEvent } from '../report/phase-timeline';
import type { RunReport } from '../report/report';
import type { LocalRuntime } from './local-runtime';
import { Prober } from './prober/prober';
import type { WriteVerdict } from './prober/verify-writes';
import type { Workload } from './prober/workload';
import type { Outage } from './prober/write-tally';
import type { Pace } from './prober/writer';
import { APPLICATION_USER } from './production';
import { runExecution } from './run-execution';
import type { RunState } from './run-state';

export interface LocalRunOptions {
  readonly runId: string;
  readonly plan: Plan;
  readonly state: RunState;
  /** What the application writes; without it nobody does. */
  readonly workload: Workload | undefined;
  /** How fast. @default the prober's */
  readonly writersPace?: Partial<Pace>;
  readonly rehearse: boolean;
  /** Aborting it stops the run, which is then undone. */
  readonly signal: AbortSignal;
  readonly onProgress: (events: readonly SeenEvent[]) => void;
}

export interface LocalRunResult {
  readonly report: RunReport;
  /** What the prober measured and verified; undefined without a workload. */
  readonly writes: WriteVerdict | undefined;
}

export async function localRun(runtime: LocalRuntime, options: LocalRunOptions): Promise<LocalRunResult> {
  const { runId, plan } = options;
  const prober = await startProber(runtime, options);
  try {
    const { end, events } = await runExecution(runtime, options);
    await prober?.stop();
    // Not through the front, which may lead to the old side until the TTL is over.
    const writes = await prober?.verify(options.state.endpoint);
    const report = buildReport({
      runId,
      plan,
      engine: runtime.engine,
      end,
      events,
      writes: writes
        ? {
            acknowledged: writes.acknowledged,
            lost: writes.lost,
            duplicated: writes.duplicated,
            refused: writes.refused,
            longestGapMs: plan.local.writers > 0 ? writes.longestGapMs : null,
          }
        : null,
      ...downtimes(writes?.outages ?? [], events),
      servingObserved: await servingSide(runtime, options),
      byHand: runtime.byHand,
    });
    return { report, writes };
  } finally {
    await prober?.close();
  }
}

/** An outage that ends after the failback began is the failback's. */
function downtimes(outages: readonly Outage[], events: readonly SeenEvent[]) {
  const failback = phaseTimeline(events).find(({ name }) => name === 'failback');
  const ofFailback = (outage: Outage) =>
    failback !== undefined && outage.startedAtMs + outage.durationMs > failback.startedMs;
  return {
    writeDowntimeMs: longest(outages.filter((outage) => !ofFailback(outage))),
    failbackWriteDowntimeMs: longest(outages.filter(ofFailback)),
  };
}

function longest(outages: readonly Outage[]): number | null {
  return outages.length > 0 ? Math.round(Math.max(...outages.map(({ durationMs }) => durationMs))) : null;
}

/** Green serves once it was opened; its record says so, and is gone when the run is over. */
async function servingSide({ rds }: LocalRuntime, { runId, plan, state }: LocalRunOptions): Promise<'blue' | 'green'> {
  const green = rds.serverOf(runNames(plan.name, runId).green);
  if (!green || green.port !== state.endpoint?.port) {
    return 'blue';
  }
  const closed = await green.asAdmin(async (admin) => {
    const { rows } = await admin.query<{ found: boolean }>(`select to_regclass('bluegreen.run') is not null as found`);
    return (
      rows[0]?.found === true &&
      (await admin.query(`select from bluegreen.run where green_state <> 'open'`)).rowCount !== 0
    );
  }, plan.blue.database);
  return closed ? 'blue' : 'green';
}

async function startProber(
  runtime: LocalRuntime,
  { plan, state, workload, writersPace = {} }: LocalRunOptions,
): Promise<Prober | undefined> {
  return (
    workload &&
    Prober.start({
      port: runtime.front.port,
      database: plan.blue.database,
      user: APPLICATION_USER,
      password: state.record.applicationPassword,
      workload,
      writers: plan.local.writers,
      pace: writersPace,
      stateFolder: join(state.folder, 'prober'),
    })
  );
}
