/** Checks: the queries of a plan that speak for or against green, and what kind of check each is by its file's name. */

/**
 * - `no-rows`: must return no row on green.
 * - `same`: must return the same rows on both sides.
 * - `faster-than-blue`: must not take much longer on green than on blue.
 */
export type CheckKind = 'no-rows' | 'same' | 'faster-than-blue';

/** A query of the plan. */
export interface Check {
  /** File name inside `checks/`. */
  readonly file: string;
  readonly kind: CheckKind;
  readonly sql: string;
}

/** What a check's file name says, or undefined: a kind that is mistyped must not become a check of another kind. */
export function parseCheckFileName(file: string): CheckKind | undefined {
  const match = /^[^.]+(?:\.(same|faster-than-blue))?\.sql$/.exec(file);
  return match ? ((match[1] as CheckKind | undefined) ?? 'no-rows') : undefined;
}

interface Found {
  readonly file: string;
  readonly passed: boolean;
  /** Rows that speak against green: those returned, or those that one side alone returned. */
  readonly rows: number;
}

/** What a check found. Of rows the first few are shown, each as a line of text. */
export type CheckResult = Found &
  (
    | { readonly kind: 'no-rows'; readonly returned: readonly string[] }
    | { readonly kind: 'same'; readonly onlyOnBlue: readonly string[]; readonly onlyOnGreen: readonly string[] }
    | { readonly kind: 'faster-than-blue'; readonly speed: Speed | null }
  );

/** How long a query takes, as the medians of several runs; without planning it and without sending its rows. */
export interface Speed {
  /** Runs on each side. */
  readonly runs: number;
  readonly blueMs: number;
  readonly greenMs: number;
  /** What each server does for it, where it is too slow or the servers differ in that. */
  readonly plans?: { readonly blue: string; readonly green: string };
}

/** A result, and what speaks against green, if anything does, in words. */
export interface Judged {
  readonly result: CheckResult;
  readonly against?: string;
}

/** Results kept in a verdict. */
const MOST_RESULTS = 100;
/** What they may show, all together: a verdict travels in a state's payload, which holds 256 KiB of everything. */
const MOST_SHOWN_BYTES = 32 * 1024;

/** The results as they fit a verdict: failed ones go before passed ones, and what does not fit is not shown. */
export function boundedResults(results: readonly CheckResult[]): CheckResult[] {
  const [failed, passed] = [results.filter((result) => !result.passed), results.filter((result) => result.passed)];
  const kept = new Set([...failed, ...passed].slice(0, MOST_RESULTS));
  let shownBytes = 0;
  return results
    .filter((result) => kept.has(result))
    .map((result) => {
      const bare = withoutShown(result);
      const bytes = bytesOf(result) - bytesOf(bare);
      if (shownBytes + bytes > MOST_SHOWN_BYTES) {
        return bare;
      }
      shownBytes += bytes;
      return result;
    });
}

function withoutShown(result: CheckResult): CheckResult {
  switch (result.kind) {
    case 'no-rows':
      return { ...result, returned: [] };
    case 'same':
      return { ...result, onlyOnBlue: [], onlyOnGreen: [] };
    case 'faster-than-blue': {
      const { plans: _shown, ...speed } = result.speed ?? {};
      return { ...result, speed: result.speed && (speed as Speed) };
    }
  }
}

function bytesOf(result: CheckResult): number {
  return Buffer.byteLength(JSON.stringify(result));
}
