/** The whole runtime is killed while an online run moves the application back to blue; the same run id goes on and ends well. */
import { killedAndGoneOn } from '../support/killed-run';

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
