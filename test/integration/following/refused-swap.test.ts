/** A Route 53 that refuses the swap, or never brings it in sync: it costs an attempt, or nothing, never a write. */

import { PHASE_ROWS } from '../../../lib/core/phases';
import type { LocalRuntime } from '../../../lib/local/local-runtime';
import { following } from '../../support/following-plan';
import { runLocally } from '../../support/local-run-fixture';

/** The zone was changed when blue was made; from here on it is still at that. */
async function busyForEver({ route53 }: LocalRuntime): Promise<void> {
  route53.settings.processingMs = Number.POSITIVE_INFINITY;
}

/** A contract change that was applied leaves no second attempt. */
const withoutContract = following(() => ({ changes: [] }));

const detailsOf = (report: Awaited<ReturnType<typeof runLocally>>) =>
  Object.fromEntries(report.phases.map(({ name, attempts, detail }) => [name, { attempts, detail }]));

test('a refused swap costs an attempt, and one that is never in sync costs nothing', async () => {
  const report = await runLocally({
    plan: withoutContract,
    route53: { insyncMs: Number.POSITIVE_INFINITY },
    beforeRun: busyForEver,
    whenEntered: {
      [PHASE_ROWS.switchover.wait]: async ({ runtime }) => {
        runtime.route53.settings.processingMs = 250;
      },
    },
  });
  expect(report).toMatchObject({ outcome: 'migrated', serving: 'green', leftovers: [] });
  expect(detailsOf(report)).toMatchObject({
    switchover: { attempts: 2 },
    bake: { detail: expect.stringMatching(/the endpoint's new target has not spread in \d+ s; clients that/) },
  });
});

test('a swap that is never accepted is asked for once an attempt, and the run is rolled back', async () => {
  const report = await runLocally({ plan: withoutContract, beforeRun: busyForEver });
  expect(report).toMatchObject({ outcome: 'rolled-back', serving: 'blue', leftovers: [] });
  expect(report.reason?.message).toMatch(/tried 3 times \(switchover.attempts\).*still processing a prior request/s);
  expect(detailsOf(report)).toMatchObject({ switchover: { attempts: 3 } });
});
