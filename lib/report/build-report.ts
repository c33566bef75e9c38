/** Makes the report of a run from how its execution ended, what its history shows, and what the prober measured. */
import type { Plan } from '../core/plan';
import { manualFailback, manualRollback } from '../core/recovery';
import type { Leftover } from '../core/run';
import type { Verdict } from '../core/verdict';
import { type Ending, parseEnding, reasonOf } from './ending';
import { phaseTimeline, type SeenEvent } from './phase-timeline';
import type { RunReport, WritesReport } from './report';

export interface ReportFacts {
  readonly runId: string;
  readonly plan: Plan;
  readonly engine: string;
  readonly end: {
    readonly output?: string | undefined;
    readonly error?: string | undefined;
    readonly cause?: string | undefined;
  };
  readonly events: readonly SeenEvent[];
  readonly writes: WritesReport | null;
  readonly writeDowntimeMs: number | null;
  readonly failbackWriteDowntimeMs: number | null;
  /** Who serves, where the execution cannot tell. */
  readonly servingObserved: 'blue' | 'green';
}

export function buildReport(facts: ReportFacts): RunReport {
  const ending = parseEnding(facts.end);
  const { outcome } = ending;
  return {
    version: 1,
    runId: facts.runId,
    plan: facts.plan.name,
    engine: facts.engine,
    sync: facts.plan.sync,
    outcome,
    reason: reasonOf(ending),
    serving: ending.serving === 'blue' || ending.serving === 'green' ? ending.serving : facts.servingObserved,
    writes: facts.writes,
    writeDowntimeMs: facts.writeDowntimeMs,
    failbackWriteDowntimeMs: facts.failbackWriteDowntimeMs,
    phases: phaseTimeline(facts.events).map(({ name, startedMs, endedMs, attempts, detail }) => ({
      name,
      startedAt: new Date(startedMs).toISOString(),
      durationMs: (endedMs ?? startedMs) - startedMs,
      attempts,
      detail,
    })),
    validation: validationOf(facts.events),
    leftovers: leftoversOf(ending, facts),
  };
}

function leftoversOf({ serving, leftovers, results }: Ending, { plan, runId, events }: ReportFacts): Leftover[] {
  if (serving === 'unknown') {
    // the recovery did not get through, so nobody could look
    const failingBack = phaseTimeline(events).some(({ name }) => name === 'failback');
    return failingBack ? manualFailback(plan, runId) : manualRollback(plan, runId);
  }
  const retired = results?.retire as { leftovers?: Leftover[] } | undefined;
  return [...(leftovers ?? retired?.leftovers ?? [])];
}

/** From the history and not from the end: the verdict is worth as much when the run was undone. */
function validationOf(events: readonly SeenEvent[]): RunReport['validation'] {
  for (const { event } of events.toReversed()) {
    const verdict = verdictIn(event.taskSucceededEventDetails?.output);
    if (verdict) {
      const { tables, rows, mismatches, checks, excluded, drift = null, fenceMs } = verdict;
      return { tables, rows, mismatches, checks, excluded, drift, fenceMs };
    }
  }
  return null;
}

function verdictIn(output: string | undefined): Verdict | undefined {
  if (!output?.includes('"fenceMs"')) {
    return undefined;
  }
  const { Payload } = JSON.parse(output) as { Payload?: { result?: Partial<Verdict> } };
  const result = Payload?.result;
  return result?.mismatches && result.checks ? (result as Verdict) : undefined;
}
