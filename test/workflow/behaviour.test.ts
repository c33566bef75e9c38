import { synthesizeDefinition } from '../../lib/constructs/synthesized-definition';
import type { PhaseName } from '../../lib/core/phases';
import type { JsonValue } from '../../lib/local/states/json-value';
import { planFixture } from '../support/plan-fixture';
import { named, start } from '../support/states-run';

const { definition, functions } = synthesizeDefinition(planFixture());

const RESULTS: Record<PhaseName, unknown> = {
  prepare: { switchedOver: false },
  snapshot: { snapshot: 's' },
  clone: { green: { identifier: 'g' } },
  migrate: { applied: ['0001_a.sql'] },
  validate: { pass: true, summary: 'equal' },
  switchover: { serving: 'green' },
  bake: {},
  retire: { leftovers: [] },
  rollback: { outcome: 'rolled-back', serving: 'blue', reasons: ['green does not exist'], leftovers: [] },
};
const FORWARD = ['prepare', 'snapshot', 'clone', 'migrate', 'validate', 'switchover', 'bake', 'retire'] as const;

interface Call {
  readonly phase: string;
  readonly run: { runId: string; results: Record<string, unknown>; memo: unknown; failure?: unknown };
}

/** What a phase answers at its n-th invocation, counted from 0. An error is thrown. */
type Script = Partial<Record<PhaseName, (invocation: number) => unknown>>;

async function execute(script: Script = {}, input: JsonValue = {}) {
  const calls: Call[] = [];
  const handlers = Object.entries(functions).map(([phase, name]) => [
    name,
    async (payload: unknown) => {
      const invocation = calls.filter((call) => call.phase === phase).length;
      calls.push({ phase, run: payload as Call['run'] });
      const answer = script[phase as PhaseName]?.(invocation);
      if (answer instanceof Error) {
        throw answer;
      }
      return answer ?? { status: 'done', detail: '', result: RESULTS[phase as PhaseName] };
    },
  ]);
  // The longest jitter, so that elapsed times are exact.
  const execution = start(definition, { input, handlers: Object.fromEntries(handlers), random: () => 0.999999 });
  const result = await execution.result();
  const { error, cause } = { error: undefined, cause: undefined, ...result };
  return {
    status: result.status,
    error,
    cause: cause === undefined ? undefined : JSON.parse(cause),
    output: 'output' in result ? result.output : undefined,
    calls,
    phases: calls.map(({ phase }) => phase),
    seconds: execution.elapsedSeconds(),
  };
}

const waits = (retryAfterSeconds: number, memo: object = {}) => ({
  status: 'waiting',
  retryAfterSeconds,
  detail: '',
  memo,
});

describe('a run without trouble', () => {
  it('passes through every phase once and ends migrated', async () => {
    const { status, output, phases } = await execute();
    const { rollback: _never, ...results } = RESULTS;
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

  it('goes on with the bake when the application moved to green in an earlier execution', async () => {
    const { phases, status } = await execute(
      { prepare: () => ({ status: 'done', detail: '', result: { switchedOver: true } }) },
      { runId: 'release-42' },
    );
    expect(phases).toEqual(['prepare', 'bake', 'retire']);
    expect(status).toBe('SUCCEEDED');
  });
});

describe('a rehearsal', () => {
  it('ends after the verdict, undone, as a success', async () => {
    const { status, output, phases } = await execute({}, { rehearse: true });
    expect(status).toBe('SUCCEEDED');
    expect(phases).toEqual(['prepare', 'snapshot', 'clone', 'migrate', 'validate', 'rollback']);
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
  it.each(FORWARD.slice(0, 6))('that is refused in %s is rolled back at once', async (phase) => {
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

  it('after the point of no return is tried again, whatever the error', async () => {
    const { status, phases } = await execute({ retire: (n) => (n < 5 ? named('ForeignResource') : undefined) });
    expect(status).toBe('SUCCEEDED');
    expect(phases.filter((phase) => phase === 'retire')).toHaveLength(6);
  });

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
      rollback: () => named('RollbackFailed', 'no route\nto finish by hand, in this order:\n  # delete green\n  aws …'),
    });
    expect(phases.filter((phase) => phase === 'rollback')).toHaveLength(31);
    expect(Math.round(seconds / 60)).toBe(125);
    expect(error).toBe('NeedsAttention');
    expect(cause).toMatchObject({
      outcome: 'needs-attention',
      serving: 'unknown',
      reason: { phase: 'switchover', error: 'FreezeExpired', message: 'too late' },
      reasons: [
        'the rollback failed with RollbackFailed: no route\nto finish by hand, in this order:\n  # delete green\n  aws …',
      ],
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
    });
    expect(error).toBe('RolledBack');
  });

  it('can be started by hand', async () => {
    const { phases, calls } = await execute({}, { runId: 'release-42', recover: true });
    expect(phases).toEqual(['rollback']);
    expect(calls[0]?.run.runId).toBe('release-42');
  });
});
