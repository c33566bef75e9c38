/** Branches that run side by side: when one fails, the others are stopped and the failure is the one that counts. */
import type { Branch } from './branch';
import { StateFailure } from './state-failure';

/** Why a branch was stopped: another one beside it failed. */
export class SiblingFailedError extends Error {
  override readonly name = 'SiblingFailedError';
}

export class Siblings {
  private readonly running = new Set<Branch>();
  private failure: { readonly thrown: unknown } | undefined;

  /** `noteStopped` records that a branch was stopped, after what it was in the middle of has been recorded. */
  constructor(
    private readonly parent: Branch,
    private readonly noteStopped: (branch: Branch, failedAt: number) => void = () => {},
  ) {}

  get collapsed(): boolean {
    return this.failure !== undefined;
  }

  joined(branch: Branch): void {
    this.running.add(branch);
  }

  left(branch: Branch): void {
    this.running.delete(branch);
    this.parent.leave(branch);
  }

  /** Stops all for the failure of one; the history goes on from there. */
  collapse(failed: Branch, thrown: unknown): void {
    // Whoever was stopped fails too, but only for that reason.
    if (this.failure || failed.signal.aborted) return;
    this.failure = { thrown };
    const failedAt = failed.lastEventId;
    // A failure of the interpreter itself ends the execution on the spot, without a word about the other branches.
    if (thrown instanceof StateFailure && thrown.catchable) this.note(failed, thrown, failedAt);
    for (const branch of [...this.running]) {
      branch.abort(new SiblingFailedError('a branch beside this one has failed'));
      this.left(branch);
    }
    this.parent.lastEventId = failedAt;
  }

  /** All results, or the failure that came first. */
  async all<T>(runs: readonly Promise<T>[]): Promise<T[]> {
    try {
      return await Promise.all(runs);
    } catch (thrown) {
      throw this.failure ? this.failure.thrown : thrown;
    }
  }

  private note(failed: Branch, failure: StateFailure, failedAt: number): void {
    for (const branch of this.running) {
      if (branch === failed) continue;
      branch.noteInterrupted(failedAt);
      this.noteStopped(branch, failedAt);
    }
    if (failure.fromTask && failed.current === 'Task') failed.noteInterrupted(failedAt);
  }
}
