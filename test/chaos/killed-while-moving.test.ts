/** The whole runtime is killed while an online run moves the application to green; the same run id goes on and ends well. */
import { killedAndGoneOn } from '../support/killed-run';

test.each([
  'follow:kill@beginAt', // green has subscribed, and does not know yet from where
  'switchover:kill@markerArrives', // blue refuses writes, and green is being drained into
  'switchover:kill@open', // blue has said its last word, and green is not open
  'switchover:kill@unsubscribe', // green is open, and still follows blue
  'switchover:kill@follow', // blue does not follow green yet
])('%s: the run goes on, and nothing is lost', async (fault) => {
  const report = await killedAndGoneOn([fault], 'replication');
  expect(['migrated', 'rolled-back']).toContain(report.outcome);
  expect(report).toMatchObject({ writes: { lost: 0, duplicated: 0 }, leftovers: [] });
});
