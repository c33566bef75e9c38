/** Transactions that are in the way of the switchover: it would end them in the middle of their work. */
import type { Client } from 'pg';
import { PHASE_ROWS } from '../../../lib/core/phases';
import { following } from '../../support/following-plan';
import { runLocally } from '../../support/local-run-fixture';
import type { RunServers } from '../../support/run-servers';

/** So old that the switchover counts it as long, without having written, so that nothing before the switchover waits for it. */
async function beginLong(servers: RunServers): Promise<Client> {
  const client = await servers.connectToBlue();
  await client.query('begin; select count(*) from account');
  await client.query('select pg_sleep(10 - extract(epoch from clock_timestamp() - now()))');
  return client;
}

test('the switchover waits for one while blue serves, and the run goes on when it is over', async () => {
  let client: Client | undefined;
  const report = await runLocally({
    plan: following(({ switchover }) => ({ switchover: { ...switchover, attempts: 5 } })),
    beforeRun: async (_runtime, _runId, servers) => {
      client = await beginLong(servers);
    },
    whenEntered: {
      [PHASE_ROWS.switchover.wait]: async (servers) => {
        await servers.asApplication(`insert into account (name) values ('meanwhile')`);
        await client?.query(`insert into account (name) values ('long'); commit`);
        expect(await servers.onBlue(`select from account where name in ('meanwhile', 'long')`)).toHaveLength(2);
      },
    },
    afterRun: async (_runtime, _report, servers) => {
      expect(await servers.onGreen(`select from account where name in ('meanwhile', 'long')`)).toHaveLength(2);
    },
  });
  expect(report).toMatchObject({ outcome: 'migrated', reason: null, serving: 'green' });
  expect(report.phases.find(({ name }) => name === 'switchover')?.attempts).toBeGreaterThan(1);
});

test('a run whose switchover is never let through is rolled back, and the transaction goes on', async () => {
  let client: Client | undefined;
  const report = await runLocally({
    plan: following(),
    beforeRun: async (_runtime, _runId, servers) => {
      client = await beginLong(servers);
    },
    afterRun: async () => {
      await client?.query(`update account set name = 'still there' where id = 1; commit`);
    },
  });
  expect(report).toMatchObject({
    outcome: 'rolled-back',
    serving: 'blue',
    leftovers: [],
    reason: { phase: 'switchover', error: 'SwitchoverRefused' },
  });
  expect(report.reason?.message).toMatch(/tried 3 times .* in the middle of the transaction of process \d+ .*"small"/s);
  expect(report.phases.find(({ name }) => name === 'switchover')?.attempts).toBe(3);
});
