/** The whole runtime is killed in the middle of a rollback; the same run id begins anew on a blue that was written to meanwhile. */
import { killedRun } from '../support/killed-run';
import { newTestRunId, resumeLocally, seedLocally } from '../support/local-run-fixture';

test.each(['rollback:kill@4', 'rollback:kill@9', 'rollback:kill@20'])(
  '%s: the run goes on and ends well',
  async (fault) => {
    const runId = newTestRunId();
    const before = await seedLocally(runId);
    expect(await killedRun(runId, ['validate', fault])).toMatchObject({ signal: 'SIGKILL' });
    expect(await resumeLocally(runId, before)).toMatchObject({
      outcome: expect.stringMatching(/^(migrated|rolled-back)$/),
      writes: { lost: 0, duplicated: 0 },
      leftovers: [],
    });
  },
);
