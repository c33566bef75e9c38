/** The whole runtime is killed at the steps of the switchover that matter, and after it; the same run id goes on and ends well. */
import { killedAndGoneOn } from '../support/killed-run';

test.each([
  'switchover:kill@freezeGaps', // in the guardrails
  'switchover:kill@applyChange', // a contract change is applied
  'switchover:kill@tag', // green's ownership tag is flipped
  'switchover:kill@handOver', // the endpoint leads to green, blue has not said its last word
  'switchover:kill@open', // it has, and green is not open
  'bake:kill@1', // green is open
  'retire:kill@7', // blue is being deleted
  'retire:kill@14',
])('%s: the run goes on and ends migrated', async (fault) => {
  expect(await killedAndGoneOn([fault])).toMatchObject({
    outcome: 'migrated',
    reason: null,
    serving: 'green',
    writes: { lost: 0, duplicated: 0 },
    leftovers: [],
  });
});
