/** A contract change that takes longer than the switchover may: production waits for it, so it is undone. */
import { changes, following } from '../../support/following-plan';
import { runLocally } from '../../support/local-run-fixture';

const slow = (sql: string) =>
  following(({ switchover }) => ({
    switchover: { ...switchover, timeoutSeconds: 2, attempts: 2 },
    changes: changes({ '0001_drop_balance.contract.sql': sql }),
  }));

test('blue serves on in time, green goes on following, and the next attempt applies it', async () => {
  const report = await runLocally({
    // a value of a sequence stays taken when the change is undone
    plan: slow(`select pg_sleep(600) where nextval('tries') = 1; alter table account drop column balance`),
    beforeRun: async (_runtime, _runId, servers) => {
      await servers.onBlue('set role bluegreen; create sequence public.tries');
    },
    afterRun: async (_runtime, _report, servers) => {
      expect(await servers.onGreen('select number::int from bluegreen.change')).toEqual([{ number: 1 }]);
      expect(await servers.onGreen('select last_value::int from tries')).toEqual([{ last_value: 2 }]);
    },
  });
  expect(report).toMatchObject({ outcome: 'migrated', reason: null, serving: 'green', leftovers: [] });
  expect(report.phases.find(({ name }) => name === 'switchover')?.attempts).toBe(2);
});

test('a run whose attempts are all used up by it is rolled back', async () => {
  const report = await runLocally({ plan: slow('select pg_sleep(600)') });
  expect(report).toMatchObject({
    outcome: 'rolled-back',
    serving: 'blue',
    leftovers: [],
    reason: { phase: 'switchover', error: 'SwitchoverRefused' },
  });
  expect(report.reason?.message).toMatch(
    /tried 2 times .* its budget is used up: the server has been applying changes\/0001_drop_balance\.contract\.sql for \d+ s; statement 1 of 1/s,
  );
});
