/** The plan as a Lambda layer with one file, so that every function carries exactly the plan the stack was made from. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stage } from 'aws-cdk-lib';
import { Code, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Plan } from '../core/plan';

/** Where the functions find the plan: layers are unpacked under /opt. */
export const PLAN_FILE = '/opt/plan.json';

export function planLayer(scope: Construct, id: string, plan: Plan): LayerVersion {
  // A stack always stands in an app, thus in a stage. Inside its assembly nothing is left over elsewhere, and the
  // asset's hash depends on the content alone.
  const { assetOutdir } = Stage.of(scope) as Stage;
  const folder = join(assetOutdir, `plan.${scope.node.addr}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
  return new LayerVersion(scope, id, {
    code: Code.fromAsset(folder),
    description: `Plan ${plan.name}: ${plan.changes.length} changes, ${plan.checks.length} checks`,
  });
}
