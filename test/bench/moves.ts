/** One measured run: an application at full speed is moved to green and back, and every write is accounted for. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChangedRowsResult } from '../../lib/core/changed-rows';
import { PHASE_ROWS } from '../../lib/core/phases';
import { PostgresDatabase } from '../../lib/engines/postgres/postgres-database';
import { openLocalRuntime } from '../../lib/local/local-runtime';
import { Prober } from '../../lib/local/prober/prober';
import { parseWorkload } from '../../lib/local/prober/workload';
import { APPLICATION_USER } from '../../lib/local/production';
import { execute, runExecution } from '../../lib/local/run-execution';
import { RunState } from '../../lib/local/run-state';
import { loadPlan } from '../../lib/plans/plan-folder';
import type { ChangedRows } from '../../lib/ports/changed-rows';
import type { SeenEvent } from '../../lib/report/phase-timeline';

const PLAN = join(__dirname, 'plans', 'million');
/**
 * How long the writers go on at full speed before the application is moved back: two looks at what changed, and what was written
 * before each. At a bake time of a week there are 20 minutes from one look to the next on AWS, and here 6 seconds, so that what a
 * look costs however little has changed weighs 200 times as much as there.
 */
const ON_GREEN_MS = 13_500;
/** The plan has so many tables. */
const OWN_TABLES = 2;

export interface MeasuredRun {
  readonly lost: number;
  readonly duplicated: number;
  readonly writeDowntimeMs: number;
  readonly longestGapMs: number;
  readonly failbackWriteDowntimeMs: number;
  readonly failbackLongestGapMs: number;
  readonly fenceMs: number;
  readonly acknowledged: number;
  /** Accepted writes while green serves and blue follows, and bake looks as often as it can. */
  readonly writesPerSecond: number;
  /** Changed rows that were compared before green was opened. */
  readonly rowsCompared: number;
  /** What production waited for, by step, in milliseconds. */
  readonly steps: Readonly<Record<string, number>>;
  readonly failbackSteps: Readonly<Record<string, number>>;
}

export interface MeasuredOptions {
  /** How many there are, each with a sequence in use, those of the plan included. @default those of the plan */
  readonly tables?: number;
  /** Whether what changes after the verdict is compared. @default as in every run */
  readonly provedUntilLastWrite?: boolean;
}

export async function measuredRun(options: MeasuredOptions = {}): Promise<MeasuredRun> {
  return options.provedUntilLastWrite === false ? withoutChangedRows(() => measure(options)) : measure(options);
}

async function measure({ tables = 0 }: MeasuredOptions): Promise<MeasuredRun> {
  const plan = await loadPlan(PLAN);
  const runId = `bench-${randomBytes(4).toString('hex')}`;
  const workload = parseWorkload(await readFile(join(PLAN, 'local', 'workload.sql'), 'utf8'));
  const state = await RunState.open(runId, plan.name);
  const ports = { port: 0, rdsPort: 0, statesPort: 0 };
  const runtime = await openLocalRuntime({ ...ports, plan, planFolder: PLAN, workload, state, faults: [], pace: 200 });
  try {
    await runtime.rds.serverOf(plan.blue.identifier)?.asAdmin(async (admin) => {
      await admin.query(madeTables(tables - OWN_TABLES));
    }, plan.blue.database);
    const prober = await Prober.start({
      port: runtime.front.port,
      database: plan.blue.database,
      user: APPLICATION_USER,
      password: state.record.applicationPassword,
      workload,
      writers: plan.local.writers,
      pace: { thinkTimeMs: 0, refusalPauseMs: 1 },
      stateFolder: join(state.folder, 'prober'),
    });
    try {
      const seen: SeenEvent[] = [];
      const entered = watch();
      const run = runExecution(runtime, {
        runId,
        rehearse: false,
        signal: new AbortController().signal,
        onProgress: (events) => {
          const { event } = events.at(-1) as SeenEvent;
          seen.push(events.at(-1) as SeenEvent);
          entered.notify(event.stateEnteredEventDetails?.name);
        },
      });
      await entered.until(PHASE_ROWS.switchover.sentence, run);
      await prober.window();
      await entered.until(PHASE_ROWS.bake.sentence, run);
      const there = await prober.window();
      const writesPerSecond = await rateOf(prober);
      await prober.window();
      const end = await execute(runtime, `${runId}-failback`, { runId, failback: true });
      if (end.error !== 'FailedBack') {
        throw new Error(`the failback ended with ${end.error}: ${end.cause}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
      const back = await prober.window();
      await run;
      await prober.stop();
      const writes = await prober.verify();
      return {
        lost: writes.lost,
        duplicated: writes.duplicated,
        acknowledged: writes.acknowledged,
        writeDowntimeMs: there.writeDowntimeMs,
        longestGapMs: there.longestGapMs,
        failbackWriteDowntimeMs: back.writeDowntimeMs,
        failbackLongestGapMs: back.longestGapMs,
        fenceMs: resultOf(seen, 'fenceMs').fenceMs as number,
        writesPerSecond,
        rowsCompared: (resultOf(seen, 'wayBack').changedRows as ChangedRowsResult).compared,
        steps: resultOf(seen, 'wayBack').steps as Record<string, number>,
        failbackSteps: JSON.parse(end.cause ?? '{}').steps,
      };
    } finally {
      await prober.close();
    }
  } finally {
    await runtime.close();
    await state.close({ finished: true });
  }
}

async function rateOf(prober: Prober): Promise<number> {
  const [began, before] = [performance.now(), await prober.counts()];
  await new Promise((resolve) => setTimeout(resolve, ON_GREEN_MS));
  const after = await prober.counts();
  return ((after.acknowledged - before.acknowledged) / (performance.now() - began)) * 1000;
}

/** The same run, in which nobody keeps or compares what changes: what that costs is the difference. */
async function withoutChangedRows<Result>(work: () => Promise<Result>): Promise<Result> {
  const { changedRowsWith, publishNamesOnly } = PostgresDatabase.prototype;
  const nothing = { rows: 0, suspected: 0, differences: [], skipped: [] };
  const nobody: ChangedRows = {
    keep: async () => true,
    gap: async () => undefined,
    listen: async () => undefined,
    read: async () => true,
    compare: async () => nothing,
    passOverGreens: async () => undefined,
    close: async () => undefined,
  };
  PostgresDatabase.prototype.changedRowsWith = () => nobody;
  PostgresDatabase.prototype.publishNamesOnly = async () => undefined;
  try {
    return await work();
  } finally {
    Object.assign(PostgresDatabase.prototype, { changedRowsWith, publishNamesOnly });
  }
}

/** In several transactions, because a server keeps only so many locks. */
function madeTables(count: number): string {
  return `do $$ begin
    set role bluegreen;
    for number in 1..${count} loop
      execute format('create table more_%s (id bigint generated always as identity primary key, note text)', number);
      execute format('insert into more_%s (note) values (%L)', number, number);
      if number % 500 = 0 then commit; end if;
    end loop;
  end $$`;
}

/** The result of the phase whose result has this field. */
function resultOf(events: readonly SeenEvent[], field: string): Record<string, unknown> {
  for (const { event } of events) {
    const { Payload } = JSON.parse(event.taskSucceededEventDetails?.output ?? '{}') as {
      Payload?: { result?: Record<string, unknown> };
    };
    if (Payload?.result && field in Payload.result) {
      return Payload.result;
    }
  }
  throw new Error(`no phase gave a result with "${field}"`);
}

function watch() {
  const names = new Set<string>();
  const waiting = new Map<string, () => void>();
  return {
    notify(name: string | undefined): void {
      if (name !== undefined) {
        names.add(name);
        waiting.get(name)?.();
      }
    },
    /** Resolves when the state was entered. @throws when the run ends before it is */
    async until(name: string, run: Promise<{ end: { error: string | undefined; cause: string | undefined } }>) {
      const entered = new Promise<'entered'>((resolve) => {
        waiting.set(name, () => resolve('entered'));
        if (names.has(name)) {
          resolve('entered');
        }
      });
      const first = await Promise.race([entered, run]);
      if (first !== 'entered') {
        throw new Error(`the run ended before "${name}": ${first.end.error}: ${first.end.cause}`);
      }
    },
  };
}
