/** Every phase fails before and after its work; the invariants hold each time. */
import { FORWARD_PHASES } from '../../lib/core/phases';
import { following } from '../support/following-plan';
import { runLocally } from '../support/local-run-fixture';

const BEFORE_POINT_OF_NO_RETURN = FORWARD_PHASES.filter((phase) => phase !== 'bake' && phase !== 'retire');

describe('a fault before the point of no return', () => {
  const rolledBackIn = (phase: string) => ({
    outcome: 'rolled-back',
    serving: 'blue',
    reason: { phase, error: 'InjectedFault' },
    writes: { lost: 0, duplicated: 0 },
    leftovers: [],
  });

  test.each(BEFORE_POINT_OF_NO_RETURN)(
    'before the work of %s ends in rolled-back: blue, which was frozen, serves as if the run had never been',
    async (phase) => {
      const report = await runLocally({ faults: [`${phase}:before`] });
      expect(report).toMatchObject(rolledBackIn(phase));
    },
  );

  test.each(
    BEFORE_POINT_OF_NO_RETURN.filter((phase) => phase !== 'switchover'), // that is in following-run.test.ts
  )(
    'after the work of %s, its answer being lost, ends in rolled-back: nothing of following stays on blue',
    async (phase) => {
      const report = await runLocally({ plan: following(), faults: [phase] });
      expect(report).toMatchObject(rolledBackIn(phase));
    },
  );

  test('that strikes three times in a phase whose failures are passing is outlived by the retries of the rollback', async () => {
    const report = await runLocally({ faults: ['validate', 'rollback:before*3'] });
    expect(report).toMatchObject({ outcome: 'rolled-back', serving: 'blue', leftovers: [] });
    expect(report.phases.at(-1)).toMatchObject({ name: 'rollback' });
    expect(report.phases.at(-1)?.attempts).toBeGreaterThan(3);
  });
});

describe('a fault after the point of no return', () => {
  test.each(['switchover:opened', 'bake:before', 'bake', 'retire:before'])(
    '%s ends in needs-attention: green serves, and what is left is listed with its commands',
    async (fault) => {
      const report = await runLocally({ faults: [fault] });
      expect(report).toMatchObject({
        outcome: 'needs-attention',
        serving: 'green',
        writes: { lost: 0, duplicated: 0 },
      });
      expect(report.leftovers.map(({ command }) => command.split(' ').slice(0, 3).join(' '))).toEqual([
        expect.stringMatching(/^psql /),
        'aws rds delete-db-instance',
        'aws rds delete-db-snapshot',
      ]);
    },
  );

  test('retire ends in migrated, because the recovery finds that nothing was left to do', async () => {
    const report = await runLocally({ faults: ['retire'] });
    expect(report).toMatchObject({ outcome: 'migrated', serving: 'green', reason: null, leftovers: [] });
  });

  test('that passes is outlived by the retries', async () => {
    const report = await runLocally({ faults: ['bake*2', 'retire:before*2'] });
    expect(report).toMatchObject({ outcome: 'migrated', reason: null, serving: 'green', leftovers: [] });
  });
});

describe('a rollback that keeps failing', () => {
  test('ends in needs-attention with the commands that finish it by hand', async () => {
    const report = await runLocally({ faults: ['snapshot:before', 'rollback'] });
    expect(report).toMatchObject({ outcome: 'needs-attention', reason: { phase: 'snapshot', error: 'InjectedFault' } });
    expect(report.leftovers.map(({ command }) => command)).toEqual([
      expect.stringContaining("update bluegreen.run set green_state = 'abandoned' where green_state = 'closed'"),
      expect.stringMatching(/^aws route53 change-resource-record-sets /),
      expect.stringContaining('reset default_transaction_read_only'),
      expect.stringMatching(/--no-deletion-protection --apply-immediately$/),
      expect.stringMatching(
        /^aws rds delete-db-instance --db-instance-identifier small-green-[0-9a-f]{10} --skip-final-snapshot$/,
      ),
      expect.stringMatching(/^aws rds delete-db-snapshot --db-snapshot-identifier small-green-[0-9a-f]{10}$/),
    ]);
  });
});
