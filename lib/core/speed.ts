/** Speed: whether a query takes longer on green than it may, judged by the medians of runs on both sides. */
import type { Judged, Speed } from './checks';
import { shortened } from './shortened';

/** One run, as the server measured it. */
export interface Timing {
  readonly ms: number;
  /** What the server did, in one line. */
  readonly plan: string;
}

/** The runs of a query, those that warmed the sides left out. */
export interface Runs {
  readonly blue: readonly Timing[];
  readonly green: readonly Timing[];
  /** The side on which a run took too long, if there was one, which ended the measurement. */
  readonly stopped?: { readonly side: 'blue' | 'green'; readonly afterMs: number };
}

export const LONGEST_RUN_MS = 10_000;
/** A restored volume loads what it reads for the first time. */
export const LONGEST_WARMING_RUN_MS = 60_000;

const LEAST_RUNS = 5;
const MOST_RUNS = 31;
const ENOUGH_MS = 1_000;

/** Differences below it are noise, however large they are in relation. */
const FLOOR_MS = 0.5;

const CHARACTERS_IN_MESSAGE = 200;

/** Quick queries are run more often, since they vary more. */
export function areEnough({ blue, green }: Runs): boolean {
  return blue.length >= MOST_RUNS || (blue.length >= LEAST_RUNS && Math.max(sumMs(blue), sumMs(green)) >= ENOUGH_MS);
}

export function judgeSpeed(file: string, runs: Runs, slowerThan: number): Judged {
  if (runs.stopped) {
    return {
      result: { file, kind: 'faster-than-blue', passed: false, rows: 0, speed: null },
      against: whyStopped(runs.stopped),
    };
  }
  const [blueMs, greenMs] = [medianMs(runs.blue), medianMs(runs.green)];
  const passed = greenMs <= slowerThan * blueMs || greenMs - blueMs <= FLOOR_MS;
  const [blue, green] = [runs.blue.at(-1)?.plan ?? '', runs.green.at(-1)?.plan ?? ''];
  const speed: Speed = {
    runs: runs.blue.length,
    blueMs,
    greenMs,
    ...((!passed || blue !== green) && { plans: { blue, green } }),
  };
  return {
    result: { file, kind: 'faster-than-blue', passed, rows: 0, speed },
    ...(!passed && {
      against: `takes ${greenMs} ms on green and ${blueMs} ms on blue (medians of ${speed.runs} runs), allowed is ${slowerThan} times as long (validation.slowerThan); blue: ${shortened(blue, CHARACTERS_IN_MESSAGE)}; green: ${shortened(green, CHARACTERS_IN_MESSAGE)}`,
    }),
  };
}

function whyStopped({ side, afterMs }: NonNullable<Runs['stopped']>): string {
  return side === 'blue'
    ? `cannot be measured: it takes longer than ${afterMs / 1000} s on blue; choose a query that is quicker there`
    : `takes longer than ${afterMs / 1000} s on green, and less on blue`;
}

function medianMs(timings: readonly Timing[]): number {
  const sorted = timings.map(({ ms }) => ms).sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
  return Math.round(median * 1000) / 1000;
}

function sumMs(timings: readonly Timing[]): number {
  return timings.reduce((sum, { ms }) => sum + ms, 0);
}
