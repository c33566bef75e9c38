/** Names of the states around the phases: sentences, so that the graph in the console reads as prose. */
import type { PhaseName } from '../core/phases';

export const START = 'Start';
export const IS_RECOVERY = 'Is this the recovery of a run that was stopped?';
export const HAS_MOVED_ALREADY = 'Has the application moved to green already?';
export const IS_PROVED = 'Does the verdict say that green equals blue?';
export const NOT_PROVED = 'Give up: green does not equal blue';
export const IS_REHEARSAL = 'Is this a rehearsal?';
export const REHEARSAL_IS_OVER = 'End the rehearsal';
export const HOW_DID_ROLLBACK_END = 'Who serves the application now?';
export const HOW_DID_FAILBACK_END = 'Does blue serve again?';
export const FAILED_BACK = 'Failed back: blue serves, with every write';
export const FAILBACK_FAILED = 'Needs attention: the failback did not get through';
export const MIGRATED = 'Migrated';
export const REHEARSED = 'Rehearsed: blue serves as before';
export const ROLLED_BACK = 'Rolled back: blue serves as before';
export const NEEDS_ATTENTION = 'Needs attention: green serves';
export const NO_BLUE = 'Needs attention: there is no blue';
export const ROLLBACK_FAILED = 'Needs attention: the rollback did not get through';

/** Validate's invocations that read what the others do not, all at the same time. */
export const COMPARE = 'Compare ranges of both sides';
export const COMPARE_RANGES = 'Compare the ranges nobody else is at';

/** The question after a phase's task, and the wait that leads back to it. */
export const PHASE_QUESTIONS: Readonly<Record<PhaseName, { readonly isDone: string; readonly wait: string }>> = {
  prepare: { isDone: 'Is the lock taken?', wait: 'Wait for the lock' },
  snapshot: { isDone: 'Is the snapshot there?', wait: 'Wait for the snapshot' },
  clone: { isDone: 'Is green there?', wait: 'Wait for green' },
  migrate: { isDone: 'Are the changes applied?', wait: 'Wait for the changes' },
  follow: { isDone: 'Has green caught up?', wait: 'Wait for green to catch up' },
  validate: { isDone: 'Is there a verdict?', wait: 'Wait for the verdict' },
  switchover: { isDone: 'Has the application moved?', wait: 'Wait for the switchover' },
  bake: { isDone: 'Is the bake time over?', wait: 'Wait for the bake time' },
  retire: { isDone: 'Is blue retired?', wait: 'Wait for the retirement' },
  rollback: { isDone: 'Is the rollback done?', wait: 'Wait for the rollback' },
  failback: { isDone: 'Has the application moved back?', wait: 'Wait for the failback' },
};
