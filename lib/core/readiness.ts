/** What an RDS status means for somebody who waits. */

/** Fully operational, although RDS is still busy with the storage (may last more than a day). */
const USABLE = ['available', 'storage-optimization'];

/**
 * Statuses that end in one of these never become available by themselves.
 *
 * Source: RDS user guide, "Viewing Amazon RDS DB instance status"; the list there is open-ended, so it is matched by word.
 */
const FATAL = /fail|incompatible|inaccessible|error|stop|insufficient|storage-full/;

/** `deleting` is its own answer: for a creator it is fatal, for a deleter it is progress. */
export type Readiness = 'usable' | 'transient' | 'deleting' | 'failed';

export function readiness(status: string): Readiness {
  if (USABLE.includes(status)) {
    return 'usable';
  }
  if (status.startsWith('delet')) {
    return 'deleting';
  }
  return FATAL.test(status) ? 'failed' : 'transient';
}
