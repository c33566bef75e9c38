/** Transactions that were begun on blue before its snapshot, and are not over when green is there. */
import type { Client } from 'pg';
import { PHASE_ROWS } from '../../../lib/core/phases';
import { following } from '../../support/following-plan';
import { runLocally } from '../../support/local-run-fixture';

test('what they wrote before and after the snapshot arrives on green if they are committed, and never does if not', async () => {
  let committed: Client | undefined;
  let rolledBack: Client | undefined;
  let transaction = 0;
  const report = await runLocally({
    plan: following(),
    beforeRun: async (_runtime, _runId, servers) => {
      committed = await servers.connectToBlue();
      rolledBack = await servers.connectToBlue();
      // the slot is made only when whoever has written already is done
      await committed.query('begin; select count(*) from account');
      await rolledBack.query('begin; select count(*) from account');
    },
    whenEntered: {
      [PHASE_ROWS.snapshot.sentence]: async () => {
        await committed?.query(
          `insert into account (name) values ('committed, before'); update account set name = 'committed, changed' where id = 1`,
        );
        await rolledBack?.query(
          `insert into account (name) values ('rolled back, before'); delete from "Mixed Case" where id = 2`,
        );
        const { rows } = (await committed?.query('select pg_current_xact_id()::text::int as id')) ?? { rows: [] };
        transaction = rows[0].id;
      },
      [PHASE_ROWS.migrate.sentence]: async (servers) => {
        // the copy knows of it, and not how it ends
        const [copy] = await servers.onGreen<{ next: number }>(
          'select pg_snapshot_xmax(pg_current_snapshot())::text::int as next',
        );
        expect(copy?.next).toBeGreaterThan(transaction);
        expect(await servers.onGreen(`select name from account where name like '%before'`)).toEqual([]);
        await committed?.query(`insert into account (name) values ('committed, after'); commit`);
        await rolledBack?.query(`insert into account (name) values ('rolled back, after'); rollback`);
      },
    },
    afterRun: async (_runtime, _report, servers) => {
      const names = await servers.onGreen(`select name from account where name ~ '^(committed|rolled)' order by name`);
      expect(names.map(({ name }) => name)).toEqual(['committed, after', 'committed, before', 'committed, changed']);
      expect(await servers.onGreen('select from "Mixed Case" where id = 2')).toHaveLength(1);
    },
  });
  expect(report).toMatchObject({ outcome: 'migrated', reason: null, serving: 'green', leftovers: [] });
});
