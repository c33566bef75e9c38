/** The names of the stages that operations on instances are made of, as they stand in the records. */
export type StageName =
  | 'initialize'
  | 'first-backup'
  | 'restore'
  | 'settle'
  | 'configure'
  | 'reset-credentials'
  | 'configure-monitoring'
  | 'configure-iam-auth'
  | 'configure-log-exports'
  | 'apply-pending'
  | 'optimize-storage'
  | 'apply-parameter-group'
  | 'rename'
  | 'reboot'
  | 'snapshot'
  | 'final-snapshot'
  | 'delete';
