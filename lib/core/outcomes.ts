/** Errors of executions that ended where the workflow wanted them to end: their runs are over. */
export const OUTCOME_ERRORS = {
  rolledBack: 'RolledBack',
  failedBack: 'FailedBack',
  needsAttention: 'NeedsAttention',
} as const;
