/** The whole runtime is killed in the middle of a phase; the same run id goes on and ends well. */
import { killedRun } from '../support/killed-run';
import { newTestRunId, resumeLocally, seedLocally } from '../support/local-run-fixture';

test.each(['prepare:kill@8', 'snapshot:kill@9', 'clone:kill@5', 'clone:kill@20', 'migrate:kill@5', 'validate:kill@9'])(
  '%s: the run goes on and ends migrated',
  async (fault) => {
    const runId = newTestRunId();
    const before = await seedLocally(runId);
    expect(await killedRun(runId, [fault])).toMatchObject({ signal: 'SIGKILL' });
    expect(await resumeLocally(runId, before)).toMatchObject({
      outcome: 'migrated',
      serving: 'green',
      writes: { lost: 0, duplicated: 0 },
      leftovers: [],
    });
  },
);
