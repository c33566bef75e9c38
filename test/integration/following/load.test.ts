/** Runs while much is written: many writers at once, and tables that are emptied and filled again. */
import { PHASE_ROWS } from '../../../lib/core/phases';
import { following } from '../../support/following-plan';
import { runLocally } from '../../support/local-run-fixture';

test('sixteen writers lose nothing, and a TRUNCATE on blue empties the same tables on green', async () => {
  const report = await runLocally({
    plan: following(({ local }) => ({ local: { ...local, writers: 16 } })),
    beforeRun: async (_runtime, _runId, servers) => {
      await servers.onBlue(`
        set role bluegreen;
        create table batch (id integer generated always as identity primary key, name text);
        create table batch_line (batch_id integer primary key references batch (id), line integer);
        insert into batch (name) select 'old ' || n from generate_series(1, 1000) as n;
        insert into batch_line select id, id from batch;
        grant select, insert, truncate on batch, batch_line to app`);
    },
    whenEntered: {
      [PHASE_ROWS.follow.isDone]: async (servers) => {
        await servers.onBlue(`
          truncate batch restart identity cascade;
          insert into batch (name) select 'new ' || n from generate_series(1, 7) as n;
          insert into batch_line select id, -id from batch`);
      },
    },
    afterRun: async (_runtime, _report, servers) => {
      const rows = await servers.onGreen(
        'select id, name, line from batch left join batch_line on id = batch_id order by id',
      );
      expect(rows).toEqual([1, 2, 3, 4, 5, 6, 7].map((id) => ({ id, name: `new ${id}`, line: -id })));
      // the number comes after those of the new rows, whether or not the old ones are forgotten
      const [next] = await servers.onGreen<{ id: number }>(`select nextval('batch_id_seq')::int as id`);
      expect(next?.id).toBeGreaterThan(7);
    },
  });
  expect(report).toMatchObject({ outcome: 'migrated', reason: null, serving: 'green', leftovers: [] });
  expect(report.writes?.acknowledged).toBeGreaterThan(0);
});
