/** A server dies in the middle of a switchover: one side serves in the end, and nothing is lost. */
import { following } from '../support/following-plan';
import { runLocally } from '../support/local-run-fixture';

const plan = following();

/** The steps of a switchover, each by the call it begins with. */
const STEPS = [
  ['looks at the guardrails', 'longTransactions'],
  ['freezes', 'freeze'],
  ['drains', 'markerArrives'],
  ['sets the sequences', 'advanceSequences'],
  ['lets the way back begin here', 'passOver'],
  ['swaps the endpoint', 'swap'],
  ['opens green', 'open'],
  ['ends following', 'unsubscribe'],
] as const;

describe.each(STEPS)('when the switchover %s', (_what, call) => {
  test.each(['blue', 'green'])('and %s dies', async (victim) => {
    const report = await runLocally({ plan, faults: [`switchover:${victim}@${call}`] });
    expect(['migrated', 'rolled-back', 'failed-back']).toContain(report.outcome);
  });
});
