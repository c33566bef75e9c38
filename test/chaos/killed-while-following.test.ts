/** A server or an apply worker dies in the middle of a switchover or a failback: one side serves in the end, and nothing is lost. */
import type { Plan } from '../../lib/core/plan';
import { runLocally } from '../support/local-run-fixture';

const following = (plan: Plan): Plan => ({ ...plan, sync: 'replication' });

/** The steps of a switchover, each by the call it begins with. */
const STEPS = [
  ['looks at the guardrails', 'longTransactions'],
  ['freezes', 'freeze'],
  ['drains', 'markerArrives'],
  ['sets the sequences', 'advanceSequences'],
  ['lets the way back begin here', 'forgetWritten'],
  ['swaps the endpoint', 'swap'],
  ['opens green', 'open'],
  ['ends following', 'unsubscribe'],
] as const;

describe.each(STEPS)('when the switchover %s', (_what, call) => {
  test.each(['blue', 'green', 'worker'])('and %s dies', async (victim) => {
    const report = await runLocally({ plan: following, faults: [`switchover:${victim}@${call}`] });
    expect(['migrated', 'rolled-back', 'failed-back']).toContain(report.outcome);
  });
});

describe.each([
  ['drains', 'markerArrives'],
  ['opens blue', 'unfreeze'],
] as const)('when the failback %s', (_what, call) => {
  test.each(['blue', 'green', 'worker'])('and %s dies', async (victim) => {
    const report = await runLocally({ plan: following, faults: ['bake:alarm', `failback:${victim}@${call}`] });
    expect(report).toMatchObject({ outcome: 'failed-back', serving: 'blue' });
  });
});
