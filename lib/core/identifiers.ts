/** Names of what a run creates, derived from the plan and the run id alone, and the rules RDS has for names. */
import { createHash } from 'node:crypto';

/** Tags that say whose a resource is; every one this product creates carries all three. */
export const TAG_PLAN = 'bluegreen:plan';
export const TAG_RUN = 'bluegreen:run';
/** `true` while the resource may be deleted by the run that made it; the switchover sets it to `false` on green before it opens. */
export const TAG_DISPOSABLE = 'bluegreen:disposable';

/** Which lineage the resource stems from: one made in an earlier freeze, or before an earlier slot, is stale. */
export const TAG_LINEAGE = 'bluegreen:lineage';

export type Tags = Readonly<Record<string, string>>;

/** What a run creates. The same run id always gives the same names, so an interrupted run finds its own things again. */
export interface RunNames {
  readonly green: string;
  readonly snapshot: string;
  /** Name of the snapshot RDS takes when blue is deleted, if the plan wants one. */
  readonly finalSnapshot: string;
}

/** The part of every created name that is the same for all runs of a plan; IAM statements are scoped by it. */
export function namePrefix(planName: string): string {
  return `${planName}-green-`;
}

/** Snapshots of blue that outlive the run carry another prefix: no statement that deletes a run's own things covers them. */
export function finalSnapshotPrefix(planName: string): string {
  return `${planName}-final-`;
}

export function runNames(planName: string, runId: string): RunNames {
  const suffix = shortHash(`${planName}\n${runId}`);
  return {
    green: `${namePrefix(planName)}${suffix}`,
    snapshot: `${namePrefix(planName)}${suffix}`,
    finalSnapshot: `${finalSnapshotPrefix(planName)}${suffix}`,
  };
}

/** The way changes flow: from blue to green before the switchover, back afterwards. Or, on either side, which rows changed there. */
export type Channel = 'forward' | 'back' | 'rows';

/** The names a run gives to slots, publications and subscriptions, which carry no other mark: `bluegreen_` and two hashes. */
export const CHANNEL_NAMES = '^bluegreen_[0-9a-f]{10}_[0-9a-f]{10}';

/**
 * The name of the publication, the slot and the subscription through which one database follows another: slots are known
 * to the whole server, so it differs by database. At most 63 lower-case letters, digits and underscores, as slots demand.
 */
export function channelName(planName: string, runId: string, database: string, channel: Channel): string {
  const name = `bluegreen_${shortHash(`${planName}\n${runId}`)}_${shortHash(database)}`;
  return channel === 'forward' ? name : `${name}_${channel}`;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

export function ownershipTags(planName: string, runId: string, lineage: string): Tags {
  return { [TAG_PLAN]: planName, [TAG_RUN]: runId, [TAG_LINEAGE]: lineage, [TAG_DISPOSABLE]: 'true' };
}

/** What a resource may carry at most, not counting the tags of AWS's own services. Source: RDS user guide, "Tagging". */
export const MOST_TAGS = 50;

/** Of blue's tags those that green gets: the ones RDS and CloudFormation set themselves cannot be given, those of an earlier run are not green's. */
export function carriedTags(tags: Tags): Tags {
  return Object.fromEntries(
    Object.entries(tags).filter(([key]) => !key.startsWith('aws:') && !key.startsWith('bluegreen:')),
  );
}

/** The tags in words, for a message about a resource that is not ours. */
export function describeTags(tags: Tags): string {
  const text = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return text.length > 0 ? text.join(', ') : 'no tags';
}

export function belongsToRun(tags: Tags, planName: string, runId: string): boolean {
  return tags[TAG_PLAN] === planName && tags[TAG_RUN] === runId;
}

/**
 * Why RDS would refuse this DB instance identifier, or undefined when it would take it.
 *
 * Source: RDS API reference, CreateDBInstance (1 to 63 letters, digits or hyphens; first a letter; no trailing or double hyphen).
 */
export function instanceIdentifierProblem(identifier: string): string | undefined {
  if (identifier.length < 1 || identifier.length > 63) {
    return `has ${identifier.length} characters`;
  }
  if (!/^[A-Za-z]/.test(identifier)) {
    return 'does not start with a letter';
  }
  if (!/^[A-Za-z0-9-]+$/.test(identifier)) {
    return 'contains a character that is neither letter, digit nor hyphen';
  }
  if (identifier.endsWith('-') || identifier.includes('--')) {
    return 'ends with a hyphen or contains two in a row';
  }
  return undefined;
}

/** The longest plan name whose derived identifiers still fit RDS's 63 characters. */
export const PLAN_NAME_MAX_LENGTH = 63 - '-green-'.length - 10;

/**
 * Why Step Functions would refuse this execution name, or undefined.
 *
 * Source: Step Functions API reference, StartExecution: at most 80 characters; the set that is also safe in logs.
 * 64 leaves room for the suffix of a recovery execution.
 */
export function runIdProblem(runId: string): string | undefined {
  return /^[0-9A-Za-z_-]{1,64}$/.test(runId) ? undefined : 'must be 1 to 64 letters, digits, hyphens or underscores';
}
