/** Clients that a resolver leads to the old side for a while after the endpoint was moved. */
import { PHASE_ROWS } from '../../../lib/core/phases';
import { following } from '../../support/following-plan';
import { runLocally } from '../../support/local-run-fixture';
import type { RunServers } from '../../support/run-servers';

test('they are refused until they are led to the new side, there and back, and no write is lost', async () => {
  let refused = 0;
  const untilAccepted = async (servers: RunServers): Promise<void> => {
    for (;;) {
      try {
        await servers.asApplication(`insert into account (name) values ('stale')`);
        return;
      } catch (error) {
        expect((error as { code?: string }).code).toBe('25006');
        refused += 1;
      }
    }
  };
  const report = await runLocally({
    plan: following(({ local }) => ({
      local: { ...local, dnsTtlSeconds: 3 },
      bake: { alarms: ['errors'], seconds: 2_592_000 },
    })),
    whenEntered: {
      [PHASE_ROWS.bake.wait]: async (servers) => {
        await untilAccepted(servers);
        expect(await servers.onGreen(`select from account where name = 'stale'`)).toHaveLength(1);
        servers.runtime.alarms.fire('errors', 'too many');
      },
      [PHASE_ROWS.failback.isDone]: untilAccepted,
    },
    afterRun: async (_runtime, _report, servers) => {
      expect(await servers.onBlue(`select from account where name = 'stale'`)).toHaveLength(2);
    },
  });
  expect(refused).toBeGreaterThan(0);
  expect(report).toMatchObject({ outcome: 'failed-back', serving: 'blue' });
});
