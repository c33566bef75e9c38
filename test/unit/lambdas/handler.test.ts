/** The Lambda entry of a phase, as Lambda calls it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { phaseHandler } from '../../../lambdas/handler';
import { done } from '../../../lib/core/progress';
import type { Run } from '../../../lib/core/run';
import { planFixture } from '../../support/plan-fixture';

const RUN: Run = { version: 1, runId: 'run-1', results: {}, memo: {} };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'handler-'));
  process.env.PLAN_FILE = join(folder, 'plan.json');
  process.env.AWS_REGION = 'eu-central-1';
  writeFileSync(process.env.PLAN_FILE, JSON.stringify(planFixture()));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  delete process.env.PLAN_FILE;
  delete process.env.AWS_REGION;
});

test('a phase knows how long this very invocation has, less what answering takes', async () => {
  const handler = phaseHandler(async (_run, world) => done(world.plan.name, Math.ceil(world.remainingMs())));
  const remaining = async (ms: number) => {
    const progress = await handler(RUN, { getRemainingTimeInMillis: () => ms });
    return progress.status === 'done' ? progress.result : undefined;
  };
  expect(await remaining(900_000)).toBeLessThanOrEqual(885_000);
  expect(await remaining(900_000)).toBeGreaterThan(15_000);
  expect(await remaining(15_000)).toBeLessThanOrEqual(0);
});
