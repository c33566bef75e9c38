/** A comparison that does not come to its end while both sides keep its moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import { clone } from '../../../lambdas/clone';
import { migrate } from '../../../lambdas/migrate';
import { prepare } from '../../../lambdas/prepare';
import { snapshot } from '../../../lambdas/snapshot';
import { validate } from '../../../lambdas/validate';
import { ComparisonTooSlow } from '../../../lib/core/following-errors';
import type { Plan } from '../../../lib/core/plan';
import { PhaseWorld } from '../../support/phase-world';

const RUN = 'run-1';

let world: PhaseWorld;
beforeAll(async () => {
  world = await PhaseWorld.open();
  for (const phase of [prepare, snapshot, clone, migrate]) {
    await world.complete<unknown>(phase, RUN);
  }
});
afterAll(() => world.close());

/** Less than a plan may say, so that nobody has to wait for a minute. */
const briefly = (plan: Plan): Plan => ({ ...plan, validation: { ...plan.validation, timeoutSeconds: 1 } });
/** Too little time to read anything: that is left to workers. */
const LITTLE_TIME_MS = 60_000;

test('fails when their time is over, since it would not go better the next time', async () => {
  const invocation = { plan: briefly, limitMs: LITTLE_TIME_MS };
  const marked = await world.invoke(validate, RUN, invocation);
  expect(marked).toMatchObject({ status: 'waiting', workers: 2 });
  await sleep(1_500);
  const again = world.invoke(validate, RUN, { ...invocation, memo: marked.status === 'waiting' ? marked.memo : {} });
  await expect(again).rejects.toThrow(new ComparisonTooSlow(1).message);
});

test('is brought to its end by workers, whatever of it is left, when an invocation has no time for it itself', async () => {
  expect(await world.complete(validate, RUN, { limitMs: LITTLE_TIME_MS })).toMatchObject({ pass: true });
});
