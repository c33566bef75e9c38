/** Makes the report of a run from how its execution ended, what its history shows, and what the prober measured. */
import { z } from 'zod';
import type { Plan } from '../core/plan';
import { manualRollback } from '../core/recovery';
import type { Leftover } from '../core/run';
import type { Verdict } from '../core/verdict';
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
  /** Who serves, where the execution cannot tell. */
  readonly servingObserved: 'blue' | 'green';
}

/** What the state machine says at its end: the output of a success, the cause of a failure. */
const endingSchema = z.object({
  outcome: z.enum(['migrated', 'rehearsed', 'rolled-back', 'failed-back', 'needs-attention']),
  serving: z.string().optional(),
  reason: z.object({ phase: z.string(), error: z.string(), message: z.string() }).optional(),
  reasons: z.array(z.string()).optional(),
  leftovers: z.array(z.object({ what: z.string(), command: z.string() })).optional(),
  results: z.record(z.string(), z.unknown()).optional(),
});

type Ending = z.infer<typeof endingSchema>;

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
    failbackWriteDowntimeMs: null,
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

function parseEnding({ output, error, cause }: ReportFacts['end']): Ending {
  try {
    return endingSchema.parse(JSON.parse(output ?? cause ?? ''));
  } catch {
    // The execution ended in a way the workflow does not know, such as a timeout: somebody has to look.
    const message = cause ?? 'the execution ended without a word';
    return {
      outcome: 'needs-attention',
      serving: 'unknown',
      reason: { phase: 'workflow', error: error ?? 'Unknown', message },
    };
  }
}

function reasonOf({ outcome, reason, reasons }: Ending): RunReport['reason'] {
  if (!reason || outcome === 'migrated' || outcome === 'rehearsed') {
    return null;
  }
  const why = outcome === 'needs-attention' && reasons && reasons.length > 0 ? `\n${reasons.join('\n')}` : '';
  return { ...reason, message: `${reason.message}${why}` };
}

function leftoversOf({ serving, leftovers, results }: Ending, { plan, runId }: ReportFacts): Leftover[] {
  if (serving === 'unknown') {
    return manualRollback(plan, runId); // the recovery did not get through, so nobody could look
  }
  const retired = results?.retire as { leftovers?: Leftover[] } | undefined;
  return [...(leftovers ?? retired?.leftovers ?? [])];
}

/** From the history and not from the end: the verdict is worth as much when the run was undone. */
function validationOf(events: readonly SeenEvent[]): RunReport['validation'] {
  for (const { event } of events.toReversed()) {
    const verdict = verdictIn(event.taskSucceededEventDetails?.output);
    if (verdict) {
      const { tables, rows, mismatches, checks, excluded, fenceMs } = verdict;
      return { tables, rows, mismatches, checks, excluded, fenceMs };
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
