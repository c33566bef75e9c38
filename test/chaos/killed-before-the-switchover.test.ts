/** The whole runtime is killed in the middle of a phase; the same run id goes on and ends well. */
import { killedAndGoneOn } from '../support/killed-run';

test.each(['prepare:kill@8', 'snapshot:kill@9', 'clone:kill@5', 'clone:kill@20', 'migrate:kill@5', 'validate:kill@9'])(
  '%s: the run goes on and ends migrated',
  async (fault) => {
    expect(await killedAndGoneOn([fault])).toMatchObject({
      outcome: 'migrated',
      serving: 'green',
      writes: { lost: 0, duplicated: 0 },
      leftovers: [],
      reason: null,
    });
  },
);
