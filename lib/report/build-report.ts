/** Makes the report of a run from how its execution ended, what its history shows, and what the prober measured. */
import type { ByHand } from '../core/by-hand';
import { type ChangedRowsResult, summed } from '../core/changed-rows';
import { manualFailback, manualRollback } from '../core/leftovers';
import type { Plan } from '../core/plan';
import type { BakeResult, FailbackResult, Leftover, SwitchoverResult } from '../core/run';
import type { Verdict } from '../core/verdict';
import { type Ending, parseEnding, reasonOf } from './ending';
import { phaseTimeline, type SeenEvent } from './phase-timeline';
import type { ChangedRowsReport, RunReport, WritesReport } from './report';

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
  /** What a human does where the run could not. */
  readonly byHand: ByHand;
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
    wayBack: wayBackOf(facts.events),
    leftovers: leftoversOf(ending, facts),
  };
}

function leftoversOf(
  { serving, leftovers, results }: Ending,
  { plan, runId, events, byHand }: ReportFacts,
): Leftover[] {
  if (serving === 'unknown') {
    // the recovery did not get through, so nobody could look
    const failingBack = phaseTimeline(events).some(({ name }) => name === 'failback');
    return failingBack ? manualFailback(plan, runId) : manualRollback(plan, runId, byHand);
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
      const moved = resultWith(events, 'wayBack') as SwitchoverResult | undefined;
      const untilLastWrite = changedRows([verdict.changedRows, moved?.changedRows], moved !== undefined);
      return { tables, rows, mismatches, checks, excluded, drift, fenceMs, untilLastWrite };
    }
  }
  return null;
}

function wayBackOf(events: readonly SeenEvent[]): RunReport['wayBack'] {
  const results = events.flatMap(({ event }) => resultOf(event.taskSucceededEventDetails?.output) ?? []);
  const looked = results.filter(
    (result): result is BakeResult | FailbackResult =>
      'changedRows' in result && !('wayBack' in result) && !('mismatches' in result),
  );
  return changedRows(
    looked.map((result) => result.changedRows),
    true,
  );
}

function changedRows(results: readonly (ChangedRowsResult | undefined)[], known: boolean): ChangedRowsReport | null {
  const found = results.filter((result) => result !== undefined);
  const { compared, skipped } = summed(found);
  return known && found.length > 0 ? { rowsCompared: compared, skipped } : null;
}

function resultWith(events: readonly SeenEvent[], field: string): object | undefined {
  for (const { event } of events.toReversed()) {
    const result = resultOf(event.taskSucceededEventDetails?.output);
    if (result && field in result) {
      return result;
    }
  }
  return undefined;
}

/** What a phase answered when it was done. */
function resultOf(output: string | undefined): object | undefined {
  if (!output?.includes('"Payload"')) {
    return undefined;
  }
  const { Payload } = JSON.parse(output) as { Payload?: { result?: unknown } };
  return typeof Payload?.result === 'object' && Payload.result !== null ? Payload.result : undefined;
}

function verdictIn(output: string | undefined): Verdict | undefined {
  if (!output?.includes('"fenceMs"')) {
    return undefined;
  }
  const { Payload } = JSON.parse(output) as { Payload?: { result?: Partial<Verdict> } };
  const result = Payload?.result;
  return result?.mismatches && result.checks ? (result as Verdict) : undefined;
}
