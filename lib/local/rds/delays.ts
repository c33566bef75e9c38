/** How long things take on the clock that the local RDS endpoint is given; magnitudes as on AWS. */

export interface Delays {
  /** A new or restored instance until it is first available. */
  creatingMs: number;
  /** The backup RDS makes of a new instance. */
  firstBackupMs: number;
  snapshotMs: number;
  /** How long an instance still shows "available" after a call, or after a restore, before the change begins. */
  settleMs: number;
  modifyingMs: number;
  renamingMs: number;
  rebootingMs: number;
  /** From the end of a server that nobody asked to end until it is started again. */
  restartingAfterCrashMs: number;
  resettingCredentialsMs: number;
  /** After a change of storage, which takes hours on RDS; the instance serves and takes orders meanwhile. */
  optimizingStorageMs: number;
  deletingMs: number;
  deletingSnapshotMs: number;
  /** How long a dynamic parameter needs to reach the servers. */
  applyingParametersMs: number;
}

export const DEFAULT_DELAYS: Delays = {
  creatingMs: 60_000,
  firstBackupMs: 30_000,
  snapshotMs: 30_000,
  settleMs: 5_000,
  modifyingMs: 30_000,
  renamingMs: 120_000,
  rebootingMs: 20_000,
  restartingAfterCrashMs: 5_000,
  resettingCredentialsMs: 15_000,
  optimizingStorageMs: 600_000,
  deletingMs: 30_000,
  deletingSnapshotMs: 5_000,
  applyingParametersMs: 5_000,
};
