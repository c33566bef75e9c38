/** How a run is undone: rolled back, failed back, or recovered after its execution was stopped. */
import { byHandOf } from '../../lambdas/handler';
import { RollbackFailed } from '../../lib/core/errors';
import { manualRollback } from '../../lib/core/leftovers';
import { planFixture } from '../support/plan-fixture';
import { named } from '../support/states-run';
import { execute, FORWARD, RESULTS, waits } from '../support/workflow-run';

describe('a rollback', () => {
  it('may wait as any phase does', async () => {
    const { error, calls } = await execute({
      migrate: () => named('ChangeFailed'),
      rollback: (n) => (n === 0 ? waits(30, { deleting: true }) : undefined),
    });
    expect(error).toBe('RolledBack');
    expect(calls.filter(({ phase }) => phase === 'rollback').map(({ run }) => run.memo)).toEqual([
      {},
      { deleting: true },
    ]);
  });

  it('forgets the memo of the phase that failed', async () => {
    const { calls } = await execute({ clone: (n) => (n === 0 ? waits(1, { seen: 1 }) : named('ResourceFailed')) });
    expect(calls.at(-1)).toMatchObject({ phase: 'rollback', run: { memo: {} } });
  });

  it('that fails is tried again for two hours, then both failures are told', async () => {
    const { error, cause, phases, seconds } = await execute({
      switchover: () => named('FreezeExpired', 'too late'),
      rollback: () => named('RollbackFailed', 'no route'),
    });
    expect(phases.filter((phase) => phase === 'rollback')).toHaveLength(31);
    expect(Math.round(seconds / 60)).toBe(125);
    expect(error).toBe('NeedsAttention');
    expect(cause).toMatchObject({
      outcome: 'needs-attention',
      serving: 'unknown',
      reason: { phase: 'switchover', error: 'FreezeExpired', message: 'too late' },
      reasons: ['the recovery failed with RollbackFailed: no route'],
    });
  });

  it('that fails leaves every command that finishes it by hand in the cause, however many databases follow', async () => {
    const databases = Array.from({ length: 8 }, (_, index) => `warehouse_${index}`);
    const plan = planFixture({ sync: 'replication', followedDatabases: databases });
    const remaining = manualRollback(plan, 'run', byHandOf(plan));
    const { cause } = await execute({
      clone: () => named('ResourceFailed', 'x'.repeat(10_000)),
      rollback: () => new RollbackFailed(remaining, { cause: new Error('y'.repeat(10_000)) }),
    });
    const [told = ''] = cause.reasons;
    expect(remaining.length).toBeGreaterThan(2 * databases.length);
    expect(remaining.filter(({ command }) => !told.includes(command))).toEqual([]);
  });
});

const toFailBack = { outcome: 'fail-back', serving: 'green', reasons: ['green was opened, and blue follows it'] };
const findsThatBlueHasEverything = () => ({ status: 'done', detail: '', result: { ...toFailBack, leftovers: [] } });

describe('a run without a way to what it needs', () => {
  const unreachable = () => named('Unreachable', 'the API of RDS cannot be reached');

  it('is rolled back at once, and the rollback knows that nothing came before', async () => {
    const { phases, calls, seconds } = await execute({ prepare: unreachable });
    expect(phases).toEqual(['prepare', 'rollback']);
    expect(calls.at(-1)?.run).toMatchObject({ failure: { error: 'Unreachable' }, firstExecution: true });
    expect(seconds).toBe(0);
  });

  it('may have been begun by another execution where its id was given', async () => {
    const { calls } = await execute({ prepare: unreachable }, { runId: 'release-42' });
    expect(calls.at(-1)?.run).toMatchObject({ runId: 'release-42', firstExecution: false });
  });
});

describe('a failback', () => {
  const leftovers = [{ what: 'green, refusing writes', command: 'aws rds …' }];
  const failedBack = { outcome: 'failed-back', serving: 'blue', reasons: [], leftovers };

  it('follows a rollback that finds every write of green on blue, and ends failed back', async () => {
    const { phases, status, error, cause, calls } = await execute({
      bake: () => named('AlarmFired', 'while green served:\n  - orders-5xx'),
      rollback: (n) => (n === 0 ? waits(30, { greenHost: 'h' }) : findsThatBlueHasEverything()),
      failback: () => ({ status: 'done', detail: '', result: failedBack }),
    });
    expect(phases.slice(-4)).toEqual(['bake', 'rollback', 'rollback', 'failback']);
    expect(calls.at(-1)?.run).toEqual({
      version: 1,
      runId: 'run',
      memo: {}, // the rollback's is none of its business
      results: expect.objectContaining({ switchover: RESULTS.switchover }),
    });
    expect([status, error]).toEqual(['FAILED', 'FailedBack']);
    expect(cause).toMatchObject({
      version: 1,
      runId: 'run',
      ...failedBack,
      reason: { phase: 'bake', error: 'AlarmFired', message: 'while green served:\n  - orders-5xx' },
    });
  });

  it('can be asked for by hand, and goes straight there', async () => {
    const { phases, calls, error, cause } = await execute({}, { runId: 'release-42', failback: true });
    expect(phases).toEqual(['failback']);
    expect(calls[0]?.run).toEqual({ version: 1, runId: 'release-42', memo: {}, results: {} });
    expect(error).toBe('FailedBack');
    expect(cause).toMatchObject({
      runId: 'release-42',
      outcome: 'failed-back',
      serving: 'blue',
      reason: { phase: 'failback', error: 'FailbackRequested', message: 'the failback was started by hand' },
    });
  });

  it.each([{ failback: false }, { failback: null }])('is not asked for by %j', async (input) => {
    const { phases } = await execute({}, input);
    expect(phases).toEqual(FORWARD);
  });

  it('may wait as any phase does', async () => {
    const { error, calls, seconds } = await execute(
      { failback: (n) => (n < 2 ? waits(15 * 2 ** n, { attempts: n + 1 }) : undefined) },
      { runId: 'release-42', failback: true },
    );
    expect(error).toBe('FailedBack');
    expect(calls.map(({ run }) => run.memo)).toEqual([{}, { attempts: 1 }, { attempts: 2 }]);
    expect(seconds).toBe(45);
  });

  it('that leaves the application on green needs attention', async () => {
    const stays = { outcome: 'needs-attention', serving: 'green', reasons: ['it was tried 3 times'], leftovers };
    const { error, cause } = await execute({
      bake: () => named('AlarmFired', 'orders-5xx'),
      rollback: findsThatBlueHasEverything,
      failback: () => ({ status: 'done', detail: '', result: stays }),
    });
    expect(error).toBe('NeedsAttention');
    expect(cause).toMatchObject({ ...stays, reason: { phase: 'bake', error: 'AlarmFired' } });
  });

  it('that fails is tried again for two hours, whatever the error, and gets through if it can', async () => {
    for (const name of ['LineageLost', 'SwitchoverRefused', 'Sandbox.Timedout', 'TypeError']) {
      const { phases, error } = await execute(
        { failback: (n) => (n < 30 ? named(name) : undefined) },
        { runId: 'release-42', failback: true },
      );
      expect(phases).toHaveLength(31);
      expect(error).toBe('FailedBack');
    }
  });

  it('that fails for two hours needs attention, and both failures are told', async () => {
    const { error, cause, phases, seconds } = await execute({
      bake: () => named('AlarmFired', 'orders-5xx'),
      rollback: findsThatBlueHasEverything,
      failback: () => named('TemporarilyUnavailable', 'blue does not answer'),
    });
    expect(phases.filter((phase) => phase === 'failback')).toHaveLength(31);
    expect(phases.filter((phase) => phase === 'rollback')).toHaveLength(1);
    expect(Math.round(seconds / 60)).toBe(125);
    expect(error).toBe('NeedsAttention');
    expect(cause).toMatchObject({
      outcome: 'needs-attention',
      serving: 'unknown',
      reason: { phase: 'bake', error: 'AlarmFired', message: 'orders-5xx' },
      reasons: ['the recovery failed with TemporarilyUnavailable: blue does not answer'],
    });
  });
});

describe('a recovery', () => {
  it('goes straight to the rollback of the run whose execution was stopped', async () => {
    const { phases, calls, error } = await execute(
      {},
      { executionArn: 'arn:…:run-1', name: 'run-1', status: 'ABORTED', input: '{"runId":"release-42"}' },
    );
    expect(phases).toEqual(['rollback']);
    expect(calls[0]?.run).toEqual({
      version: 1,
      runId: 'release-42',
      results: {},
      memo: {},
      failure: {
        phase: 'abort',
        error: 'Aborted',
        message: 'execution run-1 ended with status ABORTED before the run was over',
      },
      firstExecution: false,
    });
    expect(error).toBe('RolledBack');
  });

  it('of a failback that was stopped asks the rollback how far it came, and goes on with it', async () => {
    const event = { executionArn: 'arn:…:back-1', name: 'back-1', status: 'ABORTED' };
    const { phases, calls, error } = await execute(
      { rollback: findsThatBlueHasEverything },
      { ...event, input: '{"runId": "release-42", "failback": true}' },
    );
    expect(phases).toEqual(['rollback', 'failback']);
    expect(calls.map(({ run }) => run.runId)).toEqual(['release-42', 'release-42']);
    expect(calls[0]?.run.failure).toMatchObject({ phase: 'abort', error: 'Aborted' });
    expect(error).toBe('FailedBack');
  });

  it('can be started by hand', async () => {
    const { phases, calls } = await execute({}, { runId: 'release-42', recover: true });
    expect(phases).toEqual(['rollback']);
    expect(calls[0]?.run.runId).toBe('release-42');
  });

  it('comes before a failback where both are asked for', async () => {
    const { phases } = await execute({}, { runId: 'release-42', recover: true, failback: true });
    expect(phases).toEqual(['rollback']);
  });
});
