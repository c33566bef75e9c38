/** The CDK app: reads the plan folder that context `plan` names and makes one stack of it. */
import { App } from 'aws-cdk-lib';
import { BlueGreenStack } from '../lib/constructs/blue-green-stack';
import { PlanInvalid } from '../lib/core/errors';
import { loadPlan } from '../lib/plans/plan-folder';

const USAGE_EXIT_CODE = 2;

async function main(): Promise<void> {
  // Without this, a plan that cannot be used would still leave an assembly behind: an empty one.
  const app = new App({ autoSynth: false });
  const folder: unknown = app.node.tryGetContext('plan') ?? 'examples/orders';
  if (typeof folder !== 'string' || folder === '') {
    throw new PlanInvalid('context', [
      `plan: ${JSON.stringify(folder)}; allowed: the path of one plan folder, such as -c plan=examples/orders`,
    ]);
  }
  const plan = await loadPlan(folder);
  new BlueGreenStack(app, `bluegreen-${plan.name}`, { plan });
  app.synth();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof PlanInvalid ? error.message : String((error as Error).stack ?? error)}\n`);
  process.exitCode = error instanceof PlanInvalid ? USAGE_EXIT_CODE : 1;
});
