/** ARNs of what a run touches, in the stack's own partition, account and region. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { finalSnapshotPrefix, namePrefix } from '../core/identifiers';
import type { Plan } from '../core/plan';

export interface ResourceArns {
  readonly blue: string;
  /** Whatever carries the name of a green of this plan. */
  readonly greens: string;
  readonly snapshots: string;
  readonly finalSnapshots: string;
  /** Parameter groups, option groups and subnet groups; blue's are not known before the run. */
  readonly groups: readonly string[];
  readonly hostedZone: string;
  readonly changes: string;
  readonly roles: string;
}

export function resourceArns(scope: Construct, plan: Plan): ResourceArns {
  const stack = Stack.of(scope);
  const rds = (resource: string, resourceName: string) =>
    stack.formatArn({ service: 'rds', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  const route53 = (resource: string, resourceName: string) =>
    stack.formatArn({ service: 'route53', region: '', account: '', resource, resourceName });
  return {
    // RDS stores identifiers in lower case, and so do its ARNs.
    blue: rds('db', plan.blue.identifier.toLowerCase()),
    greens: rds('db', `${namePrefix(plan.name)}*`),
    snapshots: rds('snapshot', `${namePrefix(plan.name)}*`),
    finalSnapshots: rds('snapshot', `${finalSnapshotPrefix(plan.name)}*`),
    groups: [rds('pg', '*'), rds('og', '*'), rds('subgrp', '*')],
    hostedZone: route53('hostedzone', plan.endpoint.hostedZoneId),
    changes: route53('change', '*'),
    roles: stack.formatArn({ service: 'iam', region: '', resource: 'role', resourceName: '*' }),
  };
}
