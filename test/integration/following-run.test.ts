/** Whole runs that follow: the application is refused for a moment only, and can go back without losing a write. */
import { following } from '../support/following-plan';
import { killedAndGoneOn } from '../support/killed-run';
import { runLocally } from '../support/local-run-fixture';

test('a run moves the application to green while it writes', async () => {
  const report = await runLocally({ plan: following() });
  expect(report).toMatchObject({
    outcome: 'migrated',
    reason: null,
    serving: 'green',
    sync: 'replication',
    leftovers: [],
  });
  expect(report.writes?.acknowledged).toBeGreaterThan(0);
  expect(report.validation).toMatchObject({ mismatches: [] });
  expect(report.validation?.fenceMs).toBeGreaterThan(0);
});

test('a run that fails while green serves moves the application back, with every write', async () => {
  const report = await runLocally({ plan: following(), faults: ['bake'] });
  expect(report).toMatchObject({ outcome: 'failed-back', serving: 'blue', reason: { phase: 'bake' } });
});

test('a run whose switchover fails is rolled back, and nothing of it stays on blue', async () => {
  const report = await runLocally({ plan: following(), faults: ['switchover'] });
  expect(report).toMatchObject({
    outcome: 'rolled-back',
    serving: 'blue',
    leftovers: [],
    reason: { phase: 'switchover' },
  });
});

test('a run that is killed when the endpoint leads to green already goes on, and nothing is lost', async () => {
  const report = await killedAndGoneOn(['switchover:kill@handOver'], 'replication');
  expect(['migrated', 'rolled-back']).toContain(report.outcome);
  expect(report).toMatchObject({ writes: { lost: 0, duplicated: 0 }, leftovers: [] });
});
