/** How a grant becomes a statement, with its wildcard explained to cdk-nag. */
import { Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Grant } from '../ports/grant';

export function grantTo(role: Role, { actions, resources, conditions, effect, wildcard }: Grant): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      effect: effect === 'Deny' ? Effect.DENY : Effect.ALLOW,
      actions: [...actions],
      resources: [...resources],
      ...(conditions ? { conditions } : {}),
    }),
  );
  if (wildcard) {
    acknowledgeWildcards(role, resources, wildcard);
  }
}

/** cdk-nag reports every resource with a wildcard as a finding of its own; each is answered with the reason of its grant. */
export function acknowledgeWildcards(role: Role, resources: readonly string[], reason: string): void {
  for (const resource of resources) {
    const name = flatten(Stack.of(role).resolve(resource));
    if (name.includes('*')) {
      Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${name}]`, reason });
    }
  }
}

/** A resolved ARN the way cdk-nag writes it: references in angle brackets. */
function flatten(value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  const [[intrinsic, argument] = []] = Object.entries(value);
  switch (intrinsic) {
    case 'Fn::Join':
      return (argument as [string, unknown[]])[1].map(flatten).join((argument as [string, unknown[]])[0]);
    case 'Fn::GetAtt':
      return `<${(argument as string[]).join('.')}>`;
    default:
      return `<${String(argument)}>`;
  }
}
