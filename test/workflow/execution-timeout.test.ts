/** How long an execution may take before Step Functions ends it and the guard recovers the run. */
import { moveOnline } from '../../lambdas/steps/online-switchover';
import { synthesizeDefinition } from '../../lib/constructs/synthesized-definition';
import type { Plan } from '../../lib/core/plan';
import { executionTimeout } from '../../lib/workflow/workflow';
import { planFixture } from '../support/plan-fixture';
import type { Definition } from '../support/states';

const DAY = 86_400;
/** Of the plan fixture: attempts of the switchover with the pauses between them, and the bake time. */
const MOVING = 3 * 30 + 60 + 180;
const BAKING = 3_600;

const timeout = (plan: Partial<Plan>) => executionTimeout(planFixture(plan)).toSeconds();

test('the definition that is deployed carries it', () => {
  const { TimeoutSeconds } = synthesizeDefinition(planFixture({ sync: 'freeze' })).definition as Definition;
  expect(TimeoutSeconds).toBe(7_200 + MOVING + BAKING + DAY);
});

test('without following it counts from the freeze', () => {
  const plan = { freeze: { timeoutSeconds: 500 }, follow: { timeoutSeconds: 10_000, maxWalKeptMiB: 64 } };
  expect(timeout({ sync: 'freeze', ...plan })).toBe(500 + MOVING + BAKING + DAY);
});

test('with following it counts the time green may take to catch up', () => {
  const plan = { freeze: { timeoutSeconds: 500 }, follow: { timeoutSeconds: 10_000, maxWalKeptMiB: 64 } };
  expect(timeout({ sync: 'replication', ...plan })).toBe(10_000 + MOVING + BAKING + DAY);
});

test('it has room for every attempt of the switchover and every pause between them', async () => {
  const switchover = { timeoutSeconds: 600, attempts: 20, maxLagMiB: 16 };
  const plan = planFixture({ sync: 'replication', switchover });
  let moving = switchover.attempts * switchover.timeoutSeconds;
  for (let made = 0; made < switchover.attempts - 1; made += 1) {
    moving += Math.min(await pauseAfterAttempt(plan, made), DAY);
  }
  expect(moving).toBeGreaterThan(12 * DAY);
  expect(timeout(plan)).toBe(DAY + moving + BAKING + DAY);
});

test('it stays a day below the year Step Functions gives, whatever the plan allows', () => {
  const most: Partial<Plan> = {
    freeze: { timeoutSeconds: 86_400 },
    follow: { timeoutSeconds: 2_592_000, maxWalKeptMiB: 64 },
    switchover: { timeoutSeconds: 600, attempts: 20, maxLagMiB: 16 },
    bake: { seconds: 31_000_000, alarms: [] },
  };
  expect(timeout({ ...most, sync: 'replication' })).toBe(364 * DAY);
  expect(timeout({ sync: 'replication', bake: { seconds: 31_000_000, alarms: [] } })).toBeLessThan(364 * DAY);
});

/** The pause an attempt asks for when it finds the one before broken off. */
async function pauseAfterAttempt(plan: Plan, made: number): Promise<number> {
  const [onBlue, onGreen] = [
    { host: 'blue.example', port: 5432 },
    { host: 'green.example', port: 5432 },
  ];
  const blue = { record: async () => ({ freeze: {} }), unfreeze: async () => true, countersTo: () => undefined };
  const green = { ledger: async () => [], follow: async () => undefined, endClientSessions: async () => undefined };
  const pair = { name: 'orders', blue, green, forward: 'f', back: 'b' };
  const [run, world, sides] = [
    { runId: 'run-1', results: {}, memo: { attempts: made } },
    {
      plan,
      database: ({ host }: { host: string }) => (host === onBlue.host ? blue : green),
      endpoint: { target: async () => onBlue },
    },
    { blue: { address: onBlue }, green: { address: onGreen }, pairs: [pair], own: pair },
  ] as unknown as Parameters<typeof moveOnline>;
  const answer = await moveOnline(run, world, sides);
  return 'retryAfterSeconds' in answer ? Number(answer.retryAfterSeconds) : Number.NaN;
}
