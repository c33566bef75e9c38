/** Recovery when blue does not exist: nothing that may be all that is left of it is deleted. */
import { byHandOf } from '../../../lambdas/handler';
import { rollback } from '../../../lambdas/rollback';
import type { Run } from '../../../lib/core/run';
import type { World } from '../../../lib/ports/world';
import { planFixture } from '../../support/plan-fixture';

const RUN = { version: 1, runId: 'run-1', memo: {}, results: {} } as unknown as Run;
const OWNED = { 'bluegreen:plan': 'orders', 'bluegreen:run': RUN.runId, 'bluegreen:disposable': 'true' };

/** A control plane that refuses whatever changes something. */
function world(green: boolean) {
  const plan = planFixture({ name: 'orders' });
  return {
    byHand: byHandOf(planFixture()),
    plan,
    controlPlane: {
      describe: async (identifier: string) =>
        green && identifier !== plan.blue.identifier ? { identifier, status: 'available', tags: OWNED } : undefined,
      describeSnapshot: async (identifier: string) =>
        green ? { identifier, status: 'available', tags: OWNED } : undefined,
    },
  } as unknown as World;
}

test('the run needs attention, and green and the snapshot are kept and named', async () => {
  const progress = await rollback(RUN, world(true));
  expect(progress).toMatchObject({
    status: 'done',
    result: {
      outcome: 'needs-attention',
      serving: 'unknown',
      reasons: ['blue "orders-prod" does not exist, so nothing was given back to it, and nothing was deleted'],
      leftovers: [
        { what: expect.stringMatching(/^green orders-green-\w+, a copy of blue orders-prod, which does not exist/) },
        { what: expect.stringMatching(/^the run's snapshot orders-green-/) },
      ],
    },
  });
});

test('a run that made nothing leaves nothing, and still does not say that blue serves', async () => {
  expect(await rollback(RUN, world(false))).toMatchObject({
    result: { outcome: 'needs-attention', serving: 'unknown', leftovers: [] },
  });
});
