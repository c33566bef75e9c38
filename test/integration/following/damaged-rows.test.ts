/** Rows that another hand damages on green between the verdict and the opening, in a database that moves along: a whole run ends before it. */
import type { Client } from 'pg';
import { PHASE_ROWS } from '../../../lib/core/phases';
import { following } from '../../support/following-plan';
import { runLocally } from '../../support/local-run-fixture';

test('a run is rolled back before green opens, and names database, table, key and column', async () => {
  let long: Client | undefined;
  const report = await runLocally({
    plan: following(({ switchover }) => ({
      followedDatabases: ['second'],
      switchover: { ...switchover, attempts: 5 },
    })),
    beforeRun: async (_runtime, _runId, servers) => {
      await servers.onBlue('create database second owner bluegreen', 'postgres');
      await servers.onBlue(
        `set role bluegreen; create table public.note (id integer primary key, text text, kept integer);
         insert into public.note select n, 'seed', n from generate_series(1, 10) as n`,
        'second',
      );
      // keeps the switchover waiting after the verdict, for as long as the test needs
      long = await servers.connectToBlue();
      await long.query('begin; select count(*) from account');
      await long.query('select pg_sleep(10 - extract(epoch from clock_timestamp() - now()))');
    },
    whenEntered: {
      [PHASE_ROWS.switchover.wait]: async (servers) => {
        await servers.onGreen(
          `set session_replication_role = replica; set default_transaction_read_only = off;
           update public.note set text = 'damaged' where id = 3; delete from public.note where id = 4`,
          'second',
        );
        await long?.query('commit');
      },
    },
  });
  expect(report).toMatchObject({
    outcome: 'rolled-back',
    serving: 'blue',
    leftovers: [],
    reason: { phase: 'switchover', error: 'ValidationFailed' },
    validation: { tables: 3, mismatches: [] },
  });
  expect(report.reason?.message).toMatch(
    /public\.note in database "second": row \(id = "3"\): text is \(4 characters\) on blue and \(7 characters\) on green/,
  );
  expect(report.reason?.message).toMatch(/public\.note in database "second": row \(id = "4"\) is missing on green/);
  expect(report.reason?.message).not.toMatch(/kept is|account/);
});

test('a way back that is damaged while green serves is given up at once, and what the run says is which rows differ', async () => {
  let damaged = false;
  const report = await runLocally({
    plan: following(() => ({ bake: { alarms: [], seconds: 600 } })),
    beforeRun: async (_runtime, _runId, servers) => {
      await servers.onBlue(
        `set role bluegreen; create table public.note (id integer primary key, text text);
         insert into public.note select n, 'seed' from generate_series(1, 10) as n`,
      );
    },
    whenEntered: {
      [PHASE_ROWS.bake.wait]: async (servers) => {
        if (!damaged) {
          damaged = true;
          await servers.onBlue(
            `set transaction_read_only = off; set session_replication_role = replica;
             update public.note set text = 'damaged' where id = 3`,
          );
        }
      },
    },
  });
  expect(report).toMatchObject({
    outcome: 'needs-attention',
    serving: 'green',
    reason: { phase: 'bake', error: 'WayBackDiffers' },
  });
  expect(report.reason?.message).toMatch(/public\.note: row \(id = "3"\): text is/);
});
