/** The verdict: whether green holds what blue holds, and if not, what differs. */
import type { ChangedRowsResult } from './changed-rows';
import { boundedResults, type CheckResult } from './checks';
import type { DataDrift } from './data-drift';
import { shortened } from './shortened';

export interface Mismatch {
  readonly kind: 'schema' | 'secret' | 'rows' | 'content' | 'check';
  /** The table, object, secret or check file it is about. */
  readonly object: string;
  readonly message: string;
  /** The row it is about, by the values of its key. */
  readonly key?: Readonly<Record<string, string>>;
  /** The values that differ, as far as they may be shown. */
  readonly columns?: readonly ValuePair[];
}

/** Null where there is no value. */
export interface ValuePair {
  readonly column: string;
  readonly blue: string | null;
  readonly green: string | null;
}

/** The error name under which a run is undone whose verdict is not a pass, or did not hold. */
export const VALIDATION_FAILED = 'ValidationFailed';

export interface Verdict {
  readonly pass: boolean;
  /** The verdict in words: what was found equal, or what differs. */
  readonly summary: string;
  readonly tables: number;
  readonly rows: number;
  readonly mismatches: readonly Mismatch[];
  readonly checks: readonly CheckResult[];
  /** Columns and tables left out of the content comparison, each with the change that declares to rewrite it. */
  readonly excluded: readonly string[];
  /** What the servers' statistics say; information, no part of the verdict. */
  readonly drift?: DataDrift;
  /** Rows that changed while the others were compared, and were compared again; absent when that did not take long. */
  readonly changedRows?: ChangedRowsResult;
  /** Milliseconds in which production writes were blocked for the comparison; 0 when blue was frozen anyway. */
  readonly fenceMs: number;
  /** When both sides were as the verdict says, in milliseconds since the epoch. */
  readonly atMs: number;
}

/** Mismatches and exclusions kept in a verdict; the rest is counted, so that no state's payload grows with the database. */
export const VERDICT_LIST_LIMIT = 50;

export interface Findings {
  readonly tables: number;
  readonly rows: number;
  readonly mismatches: readonly Mismatch[];
  readonly checks: readonly CheckResult[];
  readonly excluded: readonly string[];
  readonly drift?: DataDrift | undefined;
  readonly changedRows?: ChangedRowsResult | undefined;
  readonly fenceMs: number;
  readonly atMs: number;
}

/** Of one mismatch in the summary, and of its message in the list; of an exclusion. */
const LINE_CHARACTERS = 300;
const MESSAGE_CHARACTERS = 500;
/** Of all mismatches together, as they travel. */
const LIST_BYTES = 48 * 1_024;

export function verdictOf(findings: Findings): Verdict {
  const { tables, rows, mismatches, checks, excluded, drift, changedRows, fenceMs, atMs } = findings;
  const pass = mismatches.length === 0;
  const listed = bounded(mismatches);
  return {
    pass,
    summary: pass
      ? `${rows} rows in ${tables} tables are equal, ${checks.length === 1 ? '1 check passes' : `${checks.length} checks pass`}`
      : notEqual(mismatches),
    tables,
    rows,
    mismatches: listed,
    checks: boundedResults(checks),
    excluded: excluded.slice(0, VERDICT_LIST_LIMIT).map((what) => shortened(what, LINE_CHARACTERS)),
    ...(drift && { drift }),
    ...(changedRows && { changedRows }),
    fenceMs,
    atMs,
  };
}

export function notEqual(mismatches: readonly Mismatch[]): string {
  return [`green does not equal blue:`, ...mismatchLines(mismatches), ...howToDeclare(mismatches)].join('\n');
}

/** For what a change does without its text telling. */
function howToDeclare(mismatches: readonly Mismatch[]): string[] {
  const [undeclared] = mismatches.filter(({ kind }) => kind === 'schema');
  return undeclared
    ? [
        `where a change means that, let it say so in a comment, "-- bluegreen: declares ${undeclared.object.replace(/ in database ".*"$/, '')}"`,
      ]
    : [];
}

/** What differs, a line each, as many as may travel; the rest is counted. */
export function mismatchLines(mismatches: readonly Mismatch[]): string[] {
  const listed = bounded(mismatches);
  const more = mismatches.length - listed.length;
  return [
    ...listed.map(({ kind, object, message }) => shortened(`  - ${kind}: ${object}: ${message}`, LINE_CHARACTERS)),
    ...(more > 0 ? [`  - and ${more} more`] : []),
  ];
}

/** As many as may travel with the run: its state has 256 KiB for everything. */
function bounded(mismatches: readonly Mismatch[]): Mismatch[] {
  const listed: Mismatch[] = [];
  let bytes = 0;
  for (const mismatch of mismatches.slice(0, VERDICT_LIST_LIMIT)) {
    const short = { ...mismatch, message: shortened(mismatch.message, MESSAGE_CHARACTERS) };
    bytes += new TextEncoder().encode(JSON.stringify(short)).length;
    if (bytes > LIST_BYTES) {
      break;
    }
    listed.push(short);
  }
  return listed;
}

/** Where several databases move, a table may be in any of them. */
export function inDatabase(
  { followedDatabases }: { readonly followedDatabases: readonly string[] },
  database: string,
  mismatches: readonly Mismatch[],
): Mismatch[] {
  const where = followedDatabases.length > 0 ? ` in database "${database}"` : '';
  return mismatches.map((mismatch) => ({ ...mismatch, object: `${mismatch.object}${where}` }));
}
