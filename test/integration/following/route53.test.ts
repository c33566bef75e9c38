/** A client whose resolver still leads it to blue after the endpoint was moved to green. */
import { PHASE_ROWS } from '../../../lib/core/phases';
import { following } from '../../support/following-plan';
import { runLocally } from '../../support/local-run-fixture';
import { ended } from '../../support/postgres-fixture';

test('a client whose resolver remembers blue is refused there, and made to connect anew when none does any more', async () => {
  let gone: Promise<void> | undefined;
  const report = await runLocally({
    plan: following(({ retire }) => ({ retire: { ...retire, blue: 'keep' } })),
    pace: 60, // so that the run's patience is not over before the client has come
    route53: { insyncMs: Number.POSITIVE_INFINITY },
    whenEntered: {
      [PHASE_ROWS.switchover.isDone]: async (servers) => {
        const late = await servers.applicationOnBlue();
        gone = ended(late);
        await expect(late.query(`insert into account (name) values ('late')`)).rejects.toMatchObject({ code: '25006' });
        servers.runtime.route53.settings.insyncMs = 0;
      },
    },
    afterRun: async (_runtime, _report, servers) => {
      await gone;
      await servers.asApplication(`insert into account (name) values ('late')`);
      expect(await servers.onGreen(`select from account where name = 'late'`)).toHaveLength(1);
    },
  });
  expect(report).toMatchObject({ outcome: 'migrated', serving: 'green' });
  expect(report.phases).toContainEqual(expect.objectContaining({ name: 'switchover', attempts: 1 }));
  const bake = report.phases.find(({ name }) => name === 'bake');
  expect(bake?.detail).toMatch(/had spread after \d+ s$/);
});
