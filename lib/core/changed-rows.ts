/** What is known of rows that changed since the verdict's moment. */

/** Rows that changed since both sides were compared, and were compared again. */
export interface ChangedRowsResult {
  readonly compared: number;
  /** Tables that changed and could not be compared again. */
  readonly skipped: readonly string[];
}

export function summed(results: readonly ChangedRowsResult[]): ChangedRowsResult {
  return {
    compared: results.reduce((total, { compared }) => total + compared, 0),
    skipped: [...new Set(results.flatMap(({ skipped }) => skipped))],
  };
}
