/** A server or an apply worker dies in the middle of a failback: blue serves in the end, and nothing is lost. */
import { following } from '../support/following-plan';
import { runLocally } from '../support/local-run-fixture';

const plan = following();

describe.each([
  ['drains', 'markerArrives'],
  ['opens blue', 'unfreeze'],
] as const)('when the failback %s', (_what, call) => {
  test.each(['blue', 'green', 'worker'])('and %s dies', async (victim) => {
    const report = await runLocally({ plan, faults: ['bake:alarm', `failback:${victim}@${call}`] });
    expect(report).toMatchObject({ outcome: 'failed-back', serving: 'blue' });
  });
});
