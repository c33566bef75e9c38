/** The whole runtime is killed between any two steps of the switchover, and after it; the same run id goes on and ends well. */
import { killedRun } from '../support/killed-run';
import { newTestRunId, resumeLocally, seedLocally } from '../support/local-run-fixture';

const SWITCHOVER_STEPS = 18;

test.each([
  ...Array.from({ length: SWITCHOVER_STEPS / 2 }, (_, index) => `switchover:kill@${2 * index + 2}`),
  'bake:kill@1',
  'bake:kill@2',
  'retire:kill@2',
  'retire:kill@7',
  'retire:kill@14',
])('%s: the run goes on and ends migrated', async (fault) => {
  const runId = newTestRunId();
  const before = await seedLocally(runId);
  expect(await killedRun(runId, [fault])).toMatchObject({ signal: 'SIGKILL' });
  expect(await resumeLocally(runId, before)).toMatchObject({
    outcome: 'migrated',
    serving: 'green',
    writes: { lost: 0, duplicated: 0 },
    leftovers: [],
  });
});
