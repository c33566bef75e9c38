/** What replication does not carry, changed on blue between the verdict and the switchover. */
import { IS_PROVED } from '../../../lib/workflow/state-names';
import { following } from '../../support/following-plan';
import { runLocally } from '../../support/local-run-fixture';

test('a switchover is refused, and costs production nothing, when a grant or a membership is changed after green was proved equal', async () => {
  const report = await runLocally({
    plan: following(),
    whenEntered: {
      [IS_PROVED]: async (servers) => {
        await servers.onBlue('revoke delete on account from app; grant delete on account to app with grant option');
        await servers.onBlue('grant pg_read_all_data to app');
      },
    },
  });
  expect(report).toMatchObject({
    outcome: 'rolled-back',
    serving: 'blue',
    leftovers: [],
    writeDowntimeMs: null,
    reason: { phase: 'switchover', error: 'SwitchoverRefused' },
  });
  expect(report.reason?.message).toContain(
    'table public.account: grants: only blue has "app DELETE with grant option"',
  );
  expect(report.reason?.message).toContain('membership pg_read_all_data of app: green lacks it');
});
