/** The apply worker dies again and again in one switchover: at every other step in one run, at the others in another one. */
import { following } from '../support/following-plan';
import { runLocally } from '../support/local-run-fixture';

/** By the calls the steps begin with. A run that ends on green has made them all. */
test.each([
  ['longTransactions', 'markerArrives', 'passOver', 'open'],
  ['freeze', 'advanceSequences', 'swap', 'unsubscribe'],
])('at %s, %s, %s and %s: the run ends on green, and nothing is lost', async (...calls) => {
  const report = await runLocally({ plan: following(), faults: calls.map((call) => `switchover:worker@${call}`) });
  expect(report).toMatchObject({ outcome: 'migrated', serving: 'green' });
});
