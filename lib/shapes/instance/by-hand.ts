/** What a human does with instances and their snapshots where a run could not. */
import type { ShapeByHand } from '../../core/by-hand';

export const INSTANCE_BY_HAND: ShapeByHand = {
  unprotect: (identifier) =>
    `aws rds modify-db-instance --db-instance-identifier ${identifier} --no-deletion-protection --apply-immediately`,
  remove: (identifier, finalSnapshot) =>
    `aws rds delete-db-instance --db-instance-identifier ${identifier} ${finalSnapshot === undefined ? '--skip-final-snapshot' : `--final-db-snapshot-identifier ${finalSnapshot}`}`,
  removeSnapshot: (identifier) => `aws rds delete-db-snapshot --db-snapshot-identifier ${identifier}`,
};
