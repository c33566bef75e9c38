/** Names of the states around the phases: sentences, so that the graph in the console reads as prose. */

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
