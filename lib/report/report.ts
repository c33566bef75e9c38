/** The report of a run: what happened, in a stable form for people and programs. */
import type { CheckResult } from '../core/checks';
import type { DataDrift } from '../core/data-drift';
import type { Leftover } from '../core/run';
import type { Mismatch } from '../core/verdict';

export type Outcome = 'migrated' | 'rehearsed' | 'rolled-back' | 'failed-back' | 'needs-attention';

export interface PhaseReport {
  readonly name: string;
  /** ISO 8601, in real time. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** Invocations of the phase's function. */
  readonly attempts: number;
  readonly detail: string;
}

export interface WritesReport {
  /** Writes the database confirmed to the application. */
  readonly acknowledged: number;
  /** Acknowledged writes that the serving side does not hold. */
  readonly lost: number;
  /** Acknowledged writes that the serving side holds more than once. */
  readonly duplicated: number;
  /** Writes that were answered with an error, or found nobody to answer. */
  readonly refused: number;
  /** Longest time any one writer went without an accepted write, in milliseconds; null when there was no writer. */
  readonly longestGapMs?: number | null;
}

export interface ChangedRowsReport {
  readonly rowsCompared: number;
  /** Tables that changed, whose rows have no name both sides know, and which are too large to be compared as a whole. */
  readonly skipped: readonly string[];
}

/** report.json. A change of this shape that is not an addition raises `version`. */
export interface RunReport {
  readonly version: 1;
  readonly runId: string;
  readonly plan: string;
  readonly engine: string;
  readonly sync: 'freeze' | 'replication';
  readonly outcome: Outcome;
  readonly reason: { readonly phase: string; readonly error: string; readonly message: string } | null;
  readonly serving: 'blue' | 'green';
  /** Null when no application wrote during the run. */
  readonly writes: WritesReport | null;
  /** Longest time from a refused write to the next accepted one, in milliseconds; null when none was refused. */
  readonly writeDowntimeMs: number | null;
  readonly failbackWriteDowntimeMs: number | null;
  readonly phases: readonly PhaseReport[];
  readonly validation: {
    readonly tables: number;
    readonly rows: number;
    readonly mismatches: readonly Mismatch[];
    readonly checks: readonly CheckResult[];
    readonly excluded: readonly string[];
    /** Null when the run did not read the servers' statistics. */
    readonly drift: DataDrift | null;
    readonly fenceMs: number;
    /** Compared again because they changed, until the last write that blue accepted; null when the run did not get there. */
    readonly untilLastWrite: ChangedRowsReport | null;
  } | null;
  /** Written to green while it served, and found the same on blue; null when nobody looked. */
  readonly wayBack: ChangedRowsReport | null;
  readonly leftovers: readonly Leftover[];
}

/** Exit codes of the CLI, by what became of the run. */
export const EXIT_CODES = {
  migrated: 0,
  rehearsed: 0,
  'rolled-back': 3,
  'failed-back': 4,
  'needs-attention': 5,
} as const satisfies Record<Outcome, number>;
