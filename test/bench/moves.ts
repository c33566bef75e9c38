/** One measured run: an application at full speed is moved to green and back, and every write is accounted for. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadPlan } from '../../lib/adapters/plan-folder';
import { PHASE_SENTENCES } from '../../lib/core/phases';
import { openLocalRuntime } from '../../lib/local/local-runtime';
import { Prober } from '../../lib/local/prober/prober';
import { parseWorkload } from '../../lib/local/prober/workload';
import { APPLICATION_USER } from '../../lib/local/production';
import { execute, runExecution } from '../../lib/local/run-execution';
import { RunState } from '../../lib/local/run-state';
import type { SeenEvent } from '../../lib/report/phase-timeline';

const PLAN = join(__dirname, 'plans', 'million');
/** How long the writers go on at full speed before the application is moved back. */
const ON_GREEN_MS = 1_500;
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
  /** What production waited for, by step, in milliseconds. */
  readonly steps: Readonly<Record<string, number>>;
  readonly failbackSteps: Readonly<Record<string, number>>;
}

/** @param tables how many there are, each with a sequence in use, those of the plan included @default those of the plan */
export async function measuredRun(tables = 0): Promise<MeasuredRun> {
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
      await entered.until(PHASE_SENTENCES.switchover, run);
      await prober.window();
      await entered.until(PHASE_SENTENCES.bake, run);
      const there = await prober.window();
      await new Promise((resolve) => setTimeout(resolve, ON_GREEN_MS));
      await prober.window();
      const end = await execute(runtime, `${runId}-failback`, { runId, failback: true });
      if (end.error !== 'FailedBack') {
        throw new Error(`the failback ended with ${end.error}: ${end.cause}`);
      }
      await new Promise((resolve) => setTimeout(resolve, ON_GREEN_MS / 3));
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
