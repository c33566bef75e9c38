/** Following that cannot go on: what kept blue's writes is gone, or a change does not fit what is on green. */
import { PHASE_ROWS } from '../../../lib/core/phases';
import { following } from '../../support/following-plan';
import { runLocally } from '../../support/local-run-fixture';

const ROLLED_BACK = { outcome: 'rolled-back', serving: 'blue', leftovers: [] };

/** Whoever is connected to it comes back at any moment. */
const DROP_SLOT = `
  do $$
  begin
    while exists (select from pg_replication_slots) loop
      begin
        perform pg_terminate_backend(active_pid, 5000) from pg_replication_slots where active_pid is not null;
        perform pg_drop_replication_slot(slot_name) from pg_replication_slots;
      exception when object_in_use then
      end;
    end loop;
  end $$`;

test.each(['migrate', 'validate'] as const)('a run whose slot is dropped during %s is rolled back', async (phase) => {
  const report = await runLocally({
    plan: following(),
    whenEntered: { [PHASE_ROWS[phase].sentence]: async (servers) => void (await servers.onBlue(DROP_SLOT)) },
  });
  expect(report).toMatchObject({ ...ROLLED_BACK, reason: { error: 'LineageLost' } });
  expect(report.reason?.message).toMatch(/cannot follow database "small" without a gap: slot bluegreen_\w+ is gone/);
});

test('a run is rolled back when a row that comes from blue is on green already, and the reason says what the server said', async () => {
  const report = await runLocally({
    plan: following(),
    whenEntered: {
      [PHASE_ROWS.migrate.sentence]: async (servers) => {
        // a worker that failed is started again sooner than after five seconds
        await servers.onGreen(`alter system set wal_retrieve_retry_interval = '100ms'`);
        await servers.onGreen(`
          select pg_reload_conf();
          begin; set local session_replication_role = replica;
          insert into account (id, name) overriding system value values (1000000, 'extra');
          commit`);
        await servers.onBlue(`insert into account (id, name) overriding system value values (1000000, 'from blue')`);
      },
    },
    afterRun: async (_runtime, _report, servers) => {
      expect(await servers.onBlue('select name from account where id = 1000000')).toEqual([{ name: 'from blue' }]);
    },
  });
  expect(report).toMatchObject({ ...ROLLED_BACK, reason: { error: 'FollowingBroken' } });
  expect(report.reason?.message).toMatch(
    /^database "small" is not followed any more: a row to be inserted was there already \(\d+ times\); the server that follows said: conflict detected on relation "public.account": conflict=insert_exists/,
  );
});

test('a run for which blue keeps more WAL than allowed is rolled back before green is even there', async () => {
  const report = await runLocally({
    plan: following(({ follow }) => ({ follow: { ...follow, maxWalKeptMiB: 64 } })),
    whenEntered: {
      [PHASE_ROWS.snapshot.sentence]: async (servers) => {
        for (let segment = 0; segment < 6; segment += 1) {
          await servers.onBlue(`select pg_logical_emit_message(false, 'test', 'x'); select pg_switch_wal()`);
        }
      },
    },
  });
  expect(report).toMatchObject({ ...ROLLED_BACK, reason: { error: 'TooMuchWalKept' } });
  expect(['snapshot', 'clone', 'migrate']).toContain(report.reason?.phase);
});
