/** The stack of the plan fixture, synthesized without bundling, and how tests read it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { BlueGreenStack } from '../../lib/constructs/blue-green-stack';
import type { Plan } from '../../lib/core/plan';

export interface SynthesizedStack {
  readonly app: App;
  readonly stack: BlueGreenStack;
  /** Made when it is first read, because synthesizing the template takes seconds. */
  readonly template: Template;
}

/** Calls `use` with the stack; the cloud assembly is gone afterwards. */
export function withStack<Result>(plan: Plan, use: (synthesized: SynthesizedStack) => Result): Result {
  const outdir = mkdtempSync(join(tmpdir(), 'bluegreen-test-'));
  try {
    const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });
    const stack = new BlueGreenStack(app, `bluegreen-${plan.name}`, { plan });
    return use({
      app,
      stack,
      get template() {
        return Template.fromStack(stack);
      },
    });
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: unknown;
}

/** What the role of a phase may do, with references written in angle brackets. */
export function statementsOf(template: Template, phase: string): Statement[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => new RegExp(`^Migration${phase}Role`).test(id))
    .map(([, policy]) => policy);
  return policies.flatMap(({ Properties }) =>
    Properties.PolicyDocument.Statement.map((statement: Record<string, unknown>) => ({
      effect: statement.Effect,
      actions: [statement.Action].flat(),
      resources: [statement.Resource].flat().map(readable),
      conditions: statement.Condition,
    })),
  );
}

/** A value of the template as text: `arn:<Partition>:rds:<Region>:<AccountId>:db:orders`. */
export function readable(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  const [[intrinsic, argument] = ['', undefined]] = Object.entries(value as Record<string, unknown>);
  switch (intrinsic) {
    case 'Fn::Join':
      return (argument as [string, unknown[]])[1].map(readable).join((argument as [string, unknown[]])[0]);
    case 'Fn::GetAtt':
      return `<${(argument as string[]).join('.')}>`;
    default:
      return `<${String(argument).replace('AWS::', '')}>`;
  }
}
