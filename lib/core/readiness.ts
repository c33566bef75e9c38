/** What an RDS status means for somebody who waits. */

/**
 * The server serves, although RDS is at something: a backup, or the storage, either of which may last for more than a day. Source: RDS user
 * guide, "Viewing Amazon RDS DB instance status"; those of the second line are not in that list, but were seen.
 */
const USABLE = [
  ...['available', 'backing-up', 'storage-optimization'],
  ...['storage-config-upgrade', 'storage-initialization'],
];

/** Statuses that begin so are about to end in `available`, and the server serves meanwhile; it may be restarted afterwards. */
const CONFIGURING = /^configuring-/;

/**
 * Statuses that end in one of these never become available by themselves.
 *
 * Source: RDS user guide, "Viewing Amazon RDS DB instance status"; the list there is open-ended, so it is matched by word.
 */
const FATAL = /fail|incompatible|inaccessible|error|stop|insufficient|storage-full/;

/** `deleting` is its own answer: for a creator it is fatal, for a deleter it is progress. */
export type Readiness = 'usable' | 'transient' | 'deleting' | 'failed';

export function readiness(status: string): Readiness {
  if (USABLE.includes(status) || CONFIGURING.test(status)) {
    return 'usable';
  }
  if (status.startsWith('delet')) {
    return 'deleting';
  }
  return FATAL.test(status) ? 'failed' : 'transient';
}

/** Whether nothing is being changed about it any more. */
export function isConfigured(status: string): boolean {
  return USABLE.includes(status);
}
