/** What must hold of blue's instance, as the control plane describes it, before anything is touched; every violation comes with its remedy. */
import { carriedTags, MOST_TAGS, ownershipTags, type Tags } from './identifiers';

export interface DescribedInstance {
  readonly identifier: string;
  readonly managedSecretArn?: string;
  readonly awaitingReboot: readonly string[];
  readonly tags: Tags;
}

export function violatedByInstance({
  identifier,
  managedSecretArn,
  awaitingReboot,
  tags,
}: DescribedInstance): string[] {
  const reasons = awaitingReboot.map(
    (group) =>
      `parameter group "${group}" has values that "${identifier}" gets with its next reboot only, and green would have them from its first start on; reboot "${identifier}", or set them back`,
  );
  if (managedSecretArn !== undefined) {
    reasons.push(
      `RDS manages the password of "${identifier}"'s master user (${managedSecretArn}): it changes it on blue alone, a copy has no such secret, and it goes with blue; aws rds modify-db-instance --db-instance-identifier ${identifier} --no-manage-master-user-password --master-user-password <password> --apply-immediately, keep that in a secret of your own, and let RDS manage green's when the run is over`,
    );
  }
  const allowed = MOST_TAGS - Object.keys(ownershipTags('', '', '')).length;
  const carried = Object.keys(carriedTags(tags)).length;
  if (carried > allowed) {
    reasons.push(
      `"${identifier}" has ${carried} tags; a copy gets them besides those of the run, and RDS takes ${MOST_TAGS} in all; remove ${carried - allowed} of them`,
    );
  }
  return reasons;
}
