/** Apply workers or a server die while green follows: the server brings back its workers, RDS the server, and the run waits for them. */
import { following } from '../../support/following-plan';
import { runLocally } from '../../support/local-run-fixture';

/** So that the run's patience, minutes on AWS, lasts for the second or two in which a server comes back. */
const PACE = 100;

test('a run goes on when the apply worker is killed', async () => {
  const report = await runLocally({
    plan: following(),
    faults: ['follow:worker@writeMarker', 'validate:worker@mark'],
  });
  expect(report).toMatchObject({ outcome: 'migrated', reason: null, serving: 'green', leftovers: [] });
});

test.each([
  ['green', ['follow:green@beginAt', 'follow:green@writeMarker']],
  ['blue', ['follow:blue@subscribe', 'follow:blue@writeMarker']],
])('a run goes on, or back to blue, when %s is killed again and again and comes back', async (_victim, faults) => {
  const report = await runLocally({ plan: following(), pace: PACE, faults });
  if (report.outcome !== 'migrated') {
    // it took longer to come back than the run waits for it
    expect(report).toMatchObject({ outcome: 'rolled-back', reason: { error: 'TemporarilyUnavailable' } });
  }
  expect(report.leftovers).toEqual([]);
  expect(report.phases.find(({ name }) => name === 'follow')?.attempts).toBeGreaterThan(2);
});
