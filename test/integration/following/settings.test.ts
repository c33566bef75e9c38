/** Databases and roles that are set to something else than a fresh server is. */
import { PHASE_ROWS } from '../../../lib/core/phases';
import { changes, following } from '../../support/following-plan';
import { runLocally } from '../../support/local-run-fixture';

/** Several of them would by themselves end the run, make a date unreadable, or let a write flow back to where it came from. */
const SETTINGS = `
  alter database small set synchronous_commit = off;
  alter role bluegreen set datestyle = 'German';
  alter role bluegreen set default_transaction_isolation = 'serializable';
  alter role bluegreen set statement_timeout = '500ms';
  alter role bluegreen set lock_timeout = '1ms';
  alter role bluegreen set idle_in_transaction_session_timeout = '500ms';
  alter role bluegreen set idle_session_timeout = '500ms';
  alter role bluegreen set transaction_timeout = '500ms';
  alter role bluegreen set extra_float_digits = -15;
  alter role bluegreen set standard_conforming_strings = off`;

test('a run goes there and back whatever database and role are set to', async () => {
  const report = await runLocally({
    plan: following((plan) => ({
      changes: [...changes({ '0000_slow.sql': 'do $$ begin perform pg_sleep(1); end $$' }), ...plan.changes],
    })),
    faults: ['bake:alarm'],
    beforeRun: async (_runtime, _runId, servers) => {
      await servers.onBlue(SETTINGS);
    },
    whenEntered: {
      [PHASE_ROWS.migrate.sentence]: async (servers) => {
        // what is not flushed by whoever commits it is not flushed for a while
        await servers.onGreen(`alter system set wal_writer_delay = '10s'`);
        await servers.onGreen('select pg_reload_conf()');
      },
    },
  });
  expect(report).toMatchObject({ outcome: 'failed-back', serving: 'blue', reason: { error: 'AlarmFired' } });
});
