/** What a role may do, as wings and constructs hand it on; and what they are told to say it. */
import type { Plan } from '../core/plan';

export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** @default - it is allowed */
  readonly effect?: 'Deny';
  /** Why a resource of this grant cannot be named exactly. Required where one contains a wildcard. */
  readonly wildcard?: string;
}

/** A resource in the stack's own partition, and in its region and account unless it is of no region, or of neither. */
export interface ResourceName {
  readonly service: string;
  readonly resource: string;
  readonly name: string;
  /** Between the kind of resource and its name. */
  readonly separator: ':' | '/';
  /** @default - of the region and account */
  readonly of?: 'account' | 'nobody';
}

export interface GrantTarget {
  readonly plan: Plan;
  readonly region: string;
  readonly arn: (resource: ResourceName) => string;
  /** Of the key blue is encrypted with, where it is known. */
  readonly encryptionKeyArn: string | undefined;
}

export type GrantFor = (target: GrantTarget) => readonly Grant[];
