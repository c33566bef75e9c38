/** The run document: what travels from phase to phase. Small by design; the truth is in the world, not here. */
import type { ChangedRowsResult } from './changed-rows';
import type { PhaseName } from './phases';
import type { Memo } from './progress';
import type { Verdict } from './verdict';

/** Where a database listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One side of the run as the control plane identifies it. */
export interface Side {
  readonly identifier: string;
  /** Survives a rename, as the identifier does not. */
  readonly resourceId: string;
  readonly address: Address;
}

export interface PrepareResult {
  /** Absent when the run had already retired blue. */
  readonly blue?: Side;
  /** True when an earlier execution of this run already moved the application to green: the run goes on with bake. */
  readonly switchedOver: boolean;
}

export interface SnapshotResult {
  readonly snapshot: string;
}

export interface CloneResult {
  readonly green: Side;
}

export interface MigrateResult {
  /** File names of the changes this run applied, in order. */
  readonly applied: readonly string[];
}

export interface FollowResult {
  /** Milliseconds by which green was behind when it had caught up. */
  readonly lagMs: number;
}

export interface SwitchoverResult {
  readonly serving: 'green';
  /** Whether blue follows green, so that the application can move back without loss. */
  readonly wayBack: boolean;
  /** By which the endpoint's swap is known, and when it was over; absent when an earlier invocation made it. */
  readonly swapId?: string;
  readonly movedAtMs?: number;
  /** From the verdict's moment on until the last write that blue accepted. */
  readonly changedRows?: ChangedRowsResult;
  /** Milliseconds of each step production waited for. */
  readonly steps?: Readonly<Record<string, number>>;
}

export interface BakeResult {
  /** Written to green while it served, and found the same on blue. */
  readonly changedRows?: ChangedRowsResult;
}

export interface RetireResult {
  readonly leftovers: readonly Leftover[];
}

/** Something the run created or changed that is still there, with the command that removes it. */
export interface Leftover {
  readonly what: string;
  readonly command: string;
}

export interface RollbackResult {
  /** `migrated`: the failure came when nothing was left to do. `fail-back`: blue has green's writes, and is to serve again. */
  readonly outcome: 'rolled-back' | 'needs-attention' | 'migrated' | 'fail-back';
  /** `unknown`: there is no blue to give back, and who serves is not for the run to say. */
  readonly serving: 'blue' | 'green' | 'unknown';
  /** Why this outcome, in words for the operator. */
  readonly reasons: readonly string[];
  readonly leftovers: readonly Leftover[];
}

export interface FailbackResult {
  readonly outcome: 'failed-back' | 'needs-attention';
  readonly serving: 'blue' | 'green';
  readonly reasons: readonly string[];
  readonly leftovers: readonly Leftover[];
  /** Written to green, and compared with blue before it was opened. */
  readonly changedRows?: ChangedRowsResult;
  /** Milliseconds of each step production waited for. */
  readonly steps?: Readonly<Record<string, number>>;
}

/** Results of the phases that are done, by phase. */
export interface RunResults {
  readonly prepare?: PrepareResult;
  readonly snapshot?: SnapshotResult;
  readonly clone?: CloneResult;
  readonly migrate?: MigrateResult;
  readonly follow?: FollowResult;
  readonly validate?: Verdict;
  readonly switchover?: SwitchoverResult;
  readonly bake?: BakeResult;
  readonly retire?: RetireResult;
}

/** What failed, as the state machine caught it. */
export interface Failure {
  readonly phase: PhaseName | 'abort';
  readonly error: string;
  readonly message: string;
}

/** The payload of every phase's invocation. */
export interface Run {
  readonly version: 1;
  readonly runId: string;
  readonly results: RunResults;
  /** What the previous invocation of the same phase asked to be told. */
  readonly memo: Memo;
  /** Validate only: which of the invocations that compare both sides at the same time this one is, from 1 on. */
  readonly worker?: number;
  /** Rollback only: what failed. */
  readonly failure?: Failure;
  /** Rollback only: whether no other execution of this run came before this one. */
  readonly firstExecution?: boolean;
}
