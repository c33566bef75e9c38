/** The whole runtime is killed while an online run moves the application, there or back; the same run id goes on and ends well. */
import { killedAndGoneOn } from '../support/killed-run';

test.each([
  'follow:kill@beginAt', // green has subscribed, and does not know yet from where
  'switchover:kill@markerArrives', // blue refuses writes, and green is being drained into
  'switchover:kill@handOver', // the endpoint leads to green, blue has not said its last word
  'switchover:kill@open', // it has, and green is not open
  'switchover:kill@unsubscribe', // green is open, and still follows blue
  'switchover:kill@follow', // blue does not follow green yet
])('%s: the run goes on, and nothing is lost', async (fault) => {
  const report = await killedAndGoneOn([fault], 'replication');
  expect(['migrated', 'rolled-back']).toContain(report.outcome);
  expect(report).toMatchObject({ writes: { lost: 0, duplicated: 0 }, leftovers: [] });
});

test.each([
  'failback:kill@markerArrives', // green refuses writes, and blue is being drained into
  'failback:kill@handOver', // the endpoint leads to blue, green has not said its last word
  'failback:kill@unfreeze', // it has, and blue is not open
  'failback:kill@release', // blue serves, and the record is still there
])('%s: the application ends up on blue, with every write', async (fault) => {
  expect(await killedAndGoneOn(['bake:alarm', fault], 'replication')).toMatchObject({
    outcome: 'failed-back',
    serving: 'blue',
    writes: { lost: 0, duplicated: 0 },
  });
});
