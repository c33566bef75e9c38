/** The whole runtime is killed in the middle of a rollback; the same run id begins anew on a blue that was written to meanwhile. */
import { killedAndGoneOn } from '../support/killed-run';

test.each(['rollback:kill@4', 'rollback:kill@9', 'rollback:kill@20'])(
  '%s: the run goes on and ends well',
  async (fault) => {
    expect(await killedAndGoneOn(['validate', fault])).toMatchObject({
      outcome: expect.stringMatching(/^(migrated|rolled-back)$/),
      writes: { lost: 0, duplicated: 0 },
      leftovers: [],
    });
  },
);
