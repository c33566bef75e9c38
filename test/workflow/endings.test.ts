/** What an execution leaves behind when it ends: an output, or a cause that fits. */
import fc from 'fast-check';
import { at, evaluate, onInput } from '../support/state-expressions';

describe('the end of a run', () => {
  const variables = {
    runId: 'release-42',
    failure: { phase: 'migrate', error: 'ChangeFailed', message: 'no' },
    results: { clone: { green: { identifier: 'orders-green-0123456789' } } },
  };
  const causeOf = async (name: string, input: unknown, more: Record<string, unknown> = {}) => {
    const text = (await evaluate(at(name).Cause, onInput(input, { ...variables, ...more }))) as string;
    expect(text.length).toBeLessThanOrEqual(32_768);
    return JSON.parse(text);
  };
  const result = {
    outcome: 'rolled-back',
    serving: 'blue',
    reasons: ['green never accepted a write of the application'],
    leftovers: [{ what: 'snapshot s', command: 'aws rds delete-db-snapshot …' }],
  };
  const rolledBack = 'Rolled back: blue serves as before';

  it('tells after a rollback who serves, why, and what is left', async () => {
    expect(at(rolledBack).Error).toBe('RolledBack');
    expect(await causeOf(rolledBack, { status: 'done', result })).toEqual({
      version: 1,
      runId: 'release-42',
      ...result,
      reason: { phase: 'migrate', error: 'ChangeFailed', message: 'no' },
      results: variables.results,
    });
  });

  it('leaves out the results when the cause would be too long, and then the details', async () => {
    const long = { validate: { summary: 'x'.repeat(40_000) } };
    expect(await causeOf(rolledBack, { result }, { results: long })).toEqual({
      version: 1,
      runId: 'release-42',
      ...result,
      reason: variables.failure,
    });
    const leftovers = Array(200).fill({ what: 'w'.repeat(100), command: 'c'.repeat(100) });
    expect(await causeOf(rolledBack, { result: { ...result, leftovers } })).toEqual({
      version: 1,
      runId: 'release-42',
      outcome: 'rolled-back',
      serving: 'blue',
      reason: variables.failure,
      reasons: ['the details are too long for a cause; they are in the history of the execution'],
      leftovers: [],
    });
  });

  it('tells after a failback that blue serves with every write, and why it was moved back', async () => {
    const failedBack = 'Failed back: blue serves, with every write';
    const failure = { phase: 'bake', error: 'AlarmFired', message: 'while green served:\n  - orders-5xx' };
    const back = { ...result, outcome: 'failed-back', reasons: [], steps: { freeze: 3.1 } };
    expect(at(failedBack).Error).toBe('FailedBack');
    expect(await causeOf(failedBack, { status: 'done', result: back }, { failure })).toEqual({
      version: 1,
      runId: 'release-42',
      ...back,
      reason: failure,
      results: variables.results,
    });
  });

  it.each(['Needs attention: the rollback did not get through', 'Needs attention: the failback did not get through'])(
    'tells both failures in "%s"',
    async (name) => {
      const recoveryFailure = {
        error: 'RollbackFailed',
        message: 'no route\nto finish by hand, in this order:\n  psql …',
      };
      expect(at(name).Error).toBe('NeedsAttention');
      expect(await causeOf(name, {}, { recoveryFailure })).toEqual({
        version: 1,
        runId: 'release-42',
        outcome: 'needs-attention',
        serving: 'unknown',
        reasons: ['the recovery failed with RollbackFailed: no route\nto finish by hand, in this order:\n  psql …'],
        leftovers: [],
        reason: variables.failure,
        results: variables.results,
      });
    },
  );

  it.each(['Needs attention: green serves', 'Failed back: blue serves, with every write'])(
    'is told whatever the phase before answered, in "%s"',
    async (name) => {
      await fc.assert(
        fc.asyncProperty(fc.jsonValue(), async (answer) => {
          expect(await causeOf(name, { status: 'done', result: answer })).toMatchObject({
            version: 1,
            runId: 'release-42',
          });
        }),
      );
    },
  );

  it('is asked of the failback whatever it answers', async () => {
    const [rule] = at('Does blue serve again?').Choices ?? [];
    expect(await evaluate(rule?.Condition, onInput({ result: { outcome: 'failed-back' } }))).toBe(true);
    expect(await evaluate(rule?.Condition, onInput({ result: { outcome: 'needs-attention' } }))).toBe(false);
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (answer) => {
        expect(typeof (await evaluate(rule?.Condition, onInput(answer)))).toBe('boolean');
      }),
    );
  });

  it('tells after a migration that green serves', async () => {
    expect(await evaluate(at('Migrated').Output, onInput({}, variables))).toEqual({
      version: 1,
      runId: 'release-42',
      outcome: 'migrated',
      serving: 'green',
      results: variables.results,
    });
  });
});
