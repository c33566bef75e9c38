/** What becomes of a run: in order, in trouble, as a rehearsal. */
import { named } from '../support/states-run';
import { execute, FORWARD, RESULTS, waits } from '../support/workflow-run';

describe('a run without trouble', () => {
  it('passes through every phase once and ends migrated', async () => {
    const { status, output, phases } = await execute();
    const { rollback: _never, failback: _neither, ...results } = RESULTS;
    expect(phases).toEqual(FORWARD);
    expect(status).toBe('SUCCEEDED');
    expect(output).toEqual({ version: 1, runId: 'run', outcome: 'migrated', serving: 'green', results });
  });

  it('hands a waiting phase its memo back after the time it asked for, and the next phase none', async () => {
    const { calls, seconds } = await execute({ clone: (n) => (n < 2 ? waits(30, { seen: n }) : undefined) });
    expect(calls.filter(({ phase }) => phase === 'clone').map(({ run }) => run.memo)).toEqual([
      {},
      { seen: 0 },
      { seen: 1 },
    ]);
    expect(calls.find(({ phase }) => phase === 'migrate')?.run).toEqual({
      version: 1,
      runId: 'run',
      memo: {},
      results: { prepare: RESULTS.prepare, snapshot: RESULTS.snapshot, clone: RESULTS.clone },
    });
    expect(seconds).toBe(60);
  });

  it('goes on with the switchover, which has nothing left to move, when the application moved to green in an earlier execution', async () => {
    const { phases, status } = await execute(
      { prepare: () => ({ status: 'done', detail: '', result: { switchedOver: true } }) },
      { runId: 'release-42' },
    );
    expect(phases).toEqual(['prepare', 'switchover', 'bake', 'retire']);
    expect(status).toBe('SUCCEEDED');
  });
});

describe('a rehearsal', () => {
  it('ends after the verdict, undone, as a success', async () => {
    const { status, output, phases } = await execute({}, { rehearse: true });
    expect(status).toBe('SUCCEEDED');
    expect(phases).toEqual(['prepare', 'snapshot', 'clone', 'migrate', 'follow', 'validate', 'rollback']);
    expect(output).toMatchObject({
      outcome: 'rehearsed',
      serving: 'blue',
      leftovers: [],
      results: { validate: { pass: true } },
    });
  });

  it('that finds a difference fails like a run', async () => {
    const { error, cause } = await execute(
      { validate: () => ({ status: 'done', detail: '', result: { pass: false, summary: 'no' } }) },
      { rehearse: true },
    );
    expect(error).toBe('RolledBack');
    expect(cause.reason).toEqual({ phase: 'validate', error: 'ValidationFailed', message: 'no' });
  });
});

describe('a run in trouble', () => {
  it.each(FORWARD.slice(0, 7))('that is refused in %s is rolled back at once', async (phase) => {
    const { phases, status, error, cause, calls, seconds } = await execute({
      [phase]: () => named('GuardrailViolated', 'not ready'),
    });
    expect(phases).toEqual([...FORWARD.slice(0, FORWARD.indexOf(phase) + 1), 'rollback']);
    expect(seconds).toBe(0);
    expect([status, error]).toEqual(['FAILED', 'RolledBack']);
    const reason = { phase, error: 'GuardrailViolated', message: 'not ready' };
    expect(calls.at(-1)?.run.failure).toEqual(reason);
    expect(cause).toMatchObject({ runId: 'run', outcome: 'rolled-back', serving: 'blue', reason });
  });

  it('that nobody foresaw is rolled back at once', async () => {
    const { phases, cause } = await execute({ migrate: () => new TypeError('x is undefined') });
    expect(phases.slice(-2)).toEqual(['migrate', 'rollback']);
    expect(cause.reason).toEqual({ phase: 'migrate', error: 'TypeError', message: 'x is undefined' });
  });

  it('that passes goes on', async () => {
    const { status, phases } = await execute({
      snapshot: (n) => (n < 3 ? named('TemporarilyUnavailable') : undefined),
    });
    expect(status).toBe('SUCCEEDED');
    expect(phases.filter((phase) => phase === 'snapshot')).toHaveLength(4);
  });

  it('that does not pass is rolled back after ten more attempts in six minutes', async () => {
    const { phases, seconds } = await execute({ clone: () => named('TemporarilyUnavailable') });
    expect(phases.filter((phase) => phase === 'clone')).toHaveLength(11);
    expect(phases.at(-1)).toBe('rollback');
    expect(seconds).toBeGreaterThan(355);
    expect(seconds).toBeLessThanOrEqual(362);
  });

  it('because green does not equal blue never reaches the switchover', async () => {
    const verdict = { pass: false, summary: 'green does not equal blue:\n  - rows: orders' };
    const { phases, cause } = await execute({ validate: () => ({ status: 'done', detail: '', result: verdict }) });
    expect(phases.slice(-2)).toEqual(['validate', 'rollback']);
    expect(cause.reason).toEqual({ phase: 'validate', error: 'ValidationFailed', message: verdict.summary });
    expect(cause.results.validate).toEqual(verdict);
  });

  it('because green cannot follow any more is rolled back at once', async () => {
    const { phases, cause, seconds } = await execute({ follow: () => named('SchemaDrifted', 'public.orders') });
    expect(phases.slice(-2)).toEqual(['follow', 'rollback']);
    expect(cause).toMatchObject({ reason: { phase: 'follow', error: 'SchemaDrifted', message: 'public.orders' } });
    expect(seconds).toBe(0);
  });

  it.each(['bake', 'retire'] as const)('in %s is tried again, whatever it is', async (phase) => {
    for (const error of ['ForeignResource', 'DatabaseRefused', 'TypeError', 'Lambda.Unknown']) {
      const { status, phases } = await execute({ [phase]: (n: number) => (n < 5 ? named(error) : undefined) });
      expect(status).toBe('SUCCEEDED');
      expect(phases.filter((called) => called === phase)).toHaveLength(6);
    }
  });

  it.each(['AlarmFired', 'FollowingBroken', 'LineageLost', 'TooMuchWalKept'])(
    'that bake found out by looking (%s) is told to the rollback at once',
    async (error) => {
      const { phases, calls, seconds } = await execute({ bake: () => named(error, 'seen') });
      expect(phases).toEqual([...FORWARD.slice(0, FORWARD.indexOf('bake') + 1), 'rollback']);
      expect(calls.at(-1)?.run.failure).toEqual({ phase: 'bake', error, message: 'seen' });
      expect(seconds).toBe(0);
    },
  );

  it('after everything was done ends migrated, when the recovery finds so', async () => {
    const complete = { outcome: 'migrated', serving: 'green', reasons: ['green was opened'], leftovers: [] };
    const { status, output } = await execute({
      retire: () => named('Lost'),
      rollback: () => ({ status: 'done', detail: '', result: complete }),
    });
    expect(status).toBe('SUCCEEDED');
    expect(output).toMatchObject({ outcome: 'migrated', serving: 'green' });
  });

  it('after the point of no return that does not pass needs attention while green serves', async () => {
    const stays = { outcome: 'needs-attention', serving: 'green', reasons: ['green was opened'], leftovers: [] };
    const { error, cause } = await execute({
      retire: () => named('SwitchoverRefused', 'no'),
      rollback: () => ({ status: 'done', detail: '', result: stays }),
    });
    expect(error).toBe('NeedsAttention');
    expect(cause).toMatchObject({ ...stays, reason: { phase: 'retire', error: 'SwitchoverRefused', message: 'no' } });
  });
});
