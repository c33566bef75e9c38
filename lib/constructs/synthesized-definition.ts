/** The state machine definition exactly as the stack deploys it, for engines that run it elsewhere. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import type { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { PHASES, type PhaseName } from '../core/phases';
import type { Plan } from '../core/plan';
import type { BlueGreenMigration } from './blue-green-migration';
import { BlueGreenStack } from './blue-green-stack';

export interface SynthesizedDefinition {
  /** The definition in Amazon States Language, with a readable name wherever the template has a reference. */
  readonly definition: object;
  /** What stands in the definition for the function of each phase. */
  readonly functions: Readonly<Record<PhaseName, string>>;
}

/** In JSON, by the plan in JSON: who runs a plan many times in one process asks many times for the same. */
const synthesized = new Map<string, string>();

/** Makes the stack of the plan in this process, without bundling the functions, and reads the definition from it. */
export function synthesizeDefinition(plan: Plan): SynthesizedDefinition {
  const key = JSON.stringify(plan);
  const text = synthesized.get(key) ?? JSON.stringify(synthesize(plan));
  synthesized.set(key, text);
  return JSON.parse(text) as SynthesizedDefinition;
}

function synthesize(plan: Plan): SynthesizedDefinition {
  const outdir = mkdtempSync(join(tmpdir(), 'bluegreen-synth-'));
  try {
    const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });
    return definitionOf(new BlueGreenStack(app, `bluegreen-${plan.name}`, { plan: withoutAlarms(plan) }).migration);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** A deployment refuses alarms, which its functions could not watch; the definition is the same with and without. */
function withoutAlarms(plan: Plan): Plan {
  return { ...plan, bake: { ...plan.bake, alarms: [] } };
}

/** Resolves the definition as the template does; writing and validating the whole template would take three times as long. */
function definitionOf(migration: BlueGreenMigration): SynthesizedDefinition {
  const stack = Stack.of(migration);
  const functions = Object.fromEntries(
    PHASES.map((phase) => [phase, `arn:aws:lambda:local:000000000000:function:${phase}`]),
  ) as Record<PhaseName, string>;
  const names = new Map<string, string>([[JSON.stringify({ Ref: 'AWS::Partition' }), 'aws']]);
  for (const phase of PHASES) {
    names.set(JSON.stringify(stack.resolve(migration.functions[phase].functionArn)), functions[phase]);
  }
  const { definitionString } = migration.stateMachine.node.defaultChild as CfnStateMachine;
  const { 'Fn::Join': join } = stack.resolve(definitionString) as { 'Fn::Join': [string, unknown[]] };
  const text = join[1].map((part) => (typeof part === 'string' ? part : named(part, names))).join(join[0]);
  return { definition: JSON.parse(text) as object, functions };
}

function named(reference: unknown, names: ReadonlyMap<string, string>): string {
  const name = names.get(JSON.stringify(reference));
  if (name === undefined) {
    throw new Error(`the definition refers to ${JSON.stringify(reference)}, which only a deployment can resolve`);
  }
  return name;
}
