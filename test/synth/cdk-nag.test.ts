import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { planFixture } from '../support/plan-fixture';
import { withStack } from '../support/synthesized-stack';

const GREENS = 'arn:<AWS::Partition>:rds:<AWS::Region>:<AWS::AccountId>:db:orders-green-*';
const SNAPSHOTS = 'arn:<AWS::Partition>:rds:<AWS::Region>:<AWS::AccountId>:snapshot:orders-green-*';
const group = (kind: string) => `arn:<AWS::Partition>:rds:<AWS::Region>:<AWS::AccountId>:${kind}:*`;

interface Acknowledged {
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
}

function acknowledgments(): Acknowledged[] {
  return withStack(planFixture(), ({ stack }) =>
    stack.node.findAll().flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) => Object.entries(data as Record<string, string>))
        .filter(([rule]) => rule.includes('AwsSolutions-'))
        .map(([rule, reason]) => ({
          path: node.path.replace('bluegreen-orders/Migration/', ''),
          rule: rule.replace(/^annotation::/i, ''),
          reason,
        })),
    ),
  );
}

describe('cdk-nag AwsSolutions', () => {
  it('finds nothing', () => {
    const { violations } = withStack(planFixture(), ({ app }) => new AwsSolutionsChecks(app).validateScope(app));
    expect(violations).toEqual([]);
  });

  it('would find exactly the wildcards of the functions, and the dead letters, were they not acknowledged', () => {
    const found = withStack(planFixture(), ({ app, stack }) => {
      for (const { node } of stack.node.findAll()) {
        // Metadata cannot be removed through the API of the construct tree.
        (node as unknown as { _metadata: unknown[] })._metadata = [];
      }
      return new AwsSolutionsChecks(app).validateScope(app).violations;
    });
    const rules = found
      .map(({ ruleName }) => ruleName.replace(/<MigrationStateMachine[0-9A-F]{8}\.Name>/, '<StateMachine.Name>'))
      .filter((rule) => !/Function[0-9A-F]{8}\.Arn>:\*/.test(rule));
    expect(rules.sort()).toEqual(
      [
        'arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<StateMachine.Name>:*',
        '*',
        GREENS,
        SNAPSHOTS,
        'arn:<AWS::Partition>:rds:<AWS::Region>:<AWS::AccountId>:snapshot:orders-final-*',
        group('pg'),
        group('og'),
        group('subgrp'),
        'arn:<AWS::Partition>:iam::<AWS::AccountId>:role/*',
        'arn:<AWS::Partition>:route53:::change/*',
      ]
        .map((resource) => `AwsSolutions-IAM5[Resource::${resource}]`)
        .concat('AwsSolutions-SQS3') // no queue of work
        .sort(),
    );
  });

  it('acknowledges nothing without a reason that says something', () => {
    const all = acknowledgments();
    expect(all.length).toBeGreaterThan(20);
    expect(all.filter(({ reason }) => reason.length < 30)).toEqual([]);
  });

  it('acknowledges wildcard resources on single roles, a queue of dead letters, and nothing else', () => {
    for (const { path, rule } of acknowledgments()) {
      if (path === 'Guard/DeadLetters') {
        expect(rule).toBe('AwsSolutions-SQS3');
        continue;
      }
      expect(rule).toMatch(/^AwsSolutions-IAM5\[Resource::.*\*]$/);
      expect(path).toMatch(/\/Role$/);
    }
  });
});
