/** What grants are made for: the plan, and resources in the stack's own partition, account and region. */
import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Plan } from '../core/plan';
import type { GrantTarget } from '../ports/grant';

export function grantTarget(scope: Construct, plan: Plan, encryptionKey: IKey | undefined): GrantTarget {
  const stack = Stack.of(scope);
  return {
    plan,
    region: Aws.REGION,
    encryptionKeyArn: encryptionKey?.keyArn,
    arn: ({ service, resource, name, separator, of }) =>
      stack.formatArn({
        service,
        resource,
        resourceName: name,
        ...(separator === ':' && { arnFormat: ArnFormat.COLON_RESOURCE_NAME }),
        ...(of !== undefined && { region: '' }),
        ...(of === 'nobody' && { account: '' }),
      }),
  };
}
