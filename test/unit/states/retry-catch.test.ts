/** Retry and Catch: who is tried again, after how long, and what a catcher sees. */
import { VirtualClock } from '../../../lib/local/clock/virtual-clock';
import { call, jsonata, named, resultOf, start } from '../../support/states-run';

/** A handler that fails with these errors in turn and then succeeds. */
function failing(...errors: string[]) {
  const calls: number[] = [];
  const handler = async () => {
    calls.push(calls.length);
    const name = errors.shift();
    if (name) throw named(name);
    return { calls: calls.length };
  };
  return { handler, calls };
}

function task(more: object): object {
  return jsonata({ T: call('f', more), Caught: { Type: 'Pass', End: true } });
}

const CATCH_ALL = { ErrorEquals: ['States.ALL'], Next: 'Caught' };

/** A Task with a Catch nobody needs, so that the state it leads to is reachable. */
function retried(retry: object[], more: object = {}): object {
  return task({ Retry: retry, Catch: [{ ErrorEquals: ['Unheard'], Next: 'Caught' }], ...more });
}

describe('Retry', () => {
  test('waits longer each time, up to the maximum', async () => {
    const { handler } = failing('A', 'A', 'A', 'A');
    const run = start(
      retried([{ ErrorEquals: ['A'], IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 10, MaxAttempts: 4 }]),
      {
        handlers: { f: handler },
      },
    );
    expect(await run.result()).toEqual({ status: 'SUCCEEDED', output: { calls: 5 } });
    expect(run.elapsedSeconds()).toBe(2 + 6 + 10 + 10);
  });

  test('tries three times, after 1, 2 and 4 seconds, when nothing else is said', async () => {
    const { handler, calls } = failing('A', 'A', 'A', 'A', 'A');
    const run = start(retried([{ ErrorEquals: ['States.ALL'] }]), { handlers: { f: handler } });
    expect(await run.result()).toMatchObject({ status: 'FAILED', error: 'A' });
    expect(calls.length).toBe(4);
    expect(run.elapsedSeconds()).toBe(7);
  });

  test('full jitter takes a random share of the delay', async () => {
    const { handler } = failing('A');
    const run = start(retried([{ ErrorEquals: ['A'], IntervalSeconds: 100, JitterStrategy: 'FULL' }]), {
      handlers: { f: handler },
      random: () => 0.25,
    });
    await run.result();
    expect(run.elapsedSeconds()).toBe(25);
  });

  test('every retrier counts for itself, and the first that names the error decides', async () => {
    const { handler, calls } = failing('A', 'B', 'A', 'A');
    const retry = [
      { ErrorEquals: ['A'], MaxAttempts: 2, IntervalSeconds: 1, BackoffRate: 1 },
      { ErrorEquals: ['B'], MaxAttempts: 1, IntervalSeconds: 1 },
      { ErrorEquals: ['States.ALL'], MaxAttempts: 9 },
    ];
    expect(await resultOf(retried(retry), { handlers: { f: handler } })).toMatchObject({
      status: 'FAILED',
      error: 'A',
    });
    expect(calls.length).toBe(4);
  });

  test('MaxAttempts 0 keeps an error from being tried again', async () => {
    const { handler, calls } = failing('A');
    const retry = [{ ErrorEquals: ['A'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }];
    expect(await resultOf(retried(retry), { handlers: { f: handler } })).toMatchObject({
      status: 'FAILED',
      error: 'A',
    });
    expect(calls.length).toBe(1);
  });

  test('counters start anew when the state is entered again', async () => {
    const { handler, calls } = failing('A', '', 'A', '');
    const definition = jsonata({
      T: call('f', {
        End: undefined,
        Next: 'Again',
        Retry: [{ ErrorEquals: ['A'], MaxAttempts: 1, IntervalSeconds: 1 }],
      }),
      Again: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.calls < 4 %}', Next: 'T' }], Default: 'Done' },
      Done: { Type: 'Succeed' },
    });
    expect(await resultOf(definition, { handlers: { f: handler } })).toEqual({
      status: 'SUCCEEDED',
      output: { calls: 4 },
    });
    expect(calls.length).toBe(4);
  });

  test('the context tells how often the state has been retried', async () => {
    const { handler } = failing('A', 'A');
    const definition = jsonata({
      T: call('f', {
        Retry: [{ ErrorEquals: ['A'], IntervalSeconds: 1 }],
        Output: '{% $states.context.State.RetryCount %}',
      }),
    });
    expect(await resultOf(definition, { handlers: { f: handler } })).toEqual({ status: 'SUCCEEDED', output: 2 });
  });

  test('every failed attempt has its events', async () => {
    const { handler } = failing('A');
    const run = start(jsonata({ T: call('f', { Retry: [{ ErrorEquals: ['A'] }] }) }), { handlers: { f: handler } });
    await run.result();
    expect(run.types().slice(2, -2)).toEqual([
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionFailed',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
    ]);
  });
});

describe('Catch', () => {
  const boom = async () => {
    throw named('Boom', 'it broke');
  };

  test('hands on error and cause, which is what Lambda reports', async () => {
    const result = await resultOf(task({ Catch: [CATCH_ALL] }), { handlers: { f: boom } });
    const { Error: error, Cause } = (result as unknown as { output: { Error: string; Cause: string } }).output;
    expect(error).toBe('Boom');
    expect(JSON.parse(Cause)).toEqual({
      errorType: 'Boom',
      errorMessage: 'it broke',
      trace: expect.arrayContaining(['Boom: it broke']),
    });
  });

  test('Assign and Output of the catcher see input and error', async () => {
    const definition = jsonata({
      T: call('f', {
        Catch: [
          { ErrorEquals: ['Other'], Next: 'Tell', Output: 'wrong', Assign: { why: 'wrong' } },
          {
            ErrorEquals: ['Boom'],
            Next: 'Tell',
            Output: { input: '{% $states.input %}', error: '{% $states.errorOutput.Error %}' },
            Assign: { why: '{% $parse($states.errorOutput.Cause).errorMessage %}' },
          },
        ],
      }),
      Tell: { Type: 'Pass', End: true, Output: { why: '{% $why %}', got: '{% $states.input %}' } },
    });
    expect(await resultOf(definition, { handlers: { f: boom }, input: { x: 1 } })).toEqual({
      status: 'SUCCEEDED',
      output: { why: 'it broke', got: { input: { x: 1 }, error: 'Boom' } },
    });
  });

  test('a catcher that fails itself fails the state', async () => {
    const definition = task({ Catch: [{ ...CATCH_ALL, Output: '{% $gone %}' }] });
    expect(await resultOf(definition, { handlers: { f: boom } })).toMatchObject({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      cause: expect.stringContaining("specified for the field 'Catch[0]/Output' returned nothing (undefined)."),
    });
  });

  test.each([
    ['States.TaskFailed', 'SUCCEEDED'],
    ['Boom', 'SUCCEEDED'],
    ['States.Timeout', 'FAILED'],
    ['States.Runtime', 'FAILED'],
  ])('%s for an error of the task: %s', async (name, status) => {
    const definition = task({ Catch: [{ ErrorEquals: [name], Next: 'Caught' }] });
    expect(await resultOf(definition, { handlers: { f: boom } })).toMatchObject({ status });
  });

  test.each([
    ['States.Timeout', 'SUCCEEDED'],
    ['States.ALL', 'SUCCEEDED'],
    ['States.TaskFailed', 'FAILED'],
    ['States.HeartbeatTimeout', 'FAILED'],
  ])('%s for a timeout: %s', async (name, status) => {
    const definition = task({ TimeoutSeconds: 5, Catch: [{ ErrorEquals: [name], Next: 'Caught' }] });
    const clock = new VirtualClock();
    const run = start(definition, { clock, handlers: { f: () => clock.sleep(10_000) } });
    expect(await run.result()).toMatchObject({ status });
    expect(run.elapsedSeconds()).toBe(5);
  });

  test('a failed evaluation is caught by its name and by States.ALL', async () => {
    for (const name of ['States.QueryEvaluationError', 'States.ALL']) {
      const definition = task({ Arguments: '{% $gone %}', Catch: [{ ErrorEquals: [name], Next: 'Caught' }] });
      expect(await resultOf(definition, { handlers: { f: boom } })).toMatchObject({
        status: 'SUCCEEDED',
        output: { Error: 'States.QueryEvaluationError' },
      });
    }
  });

  test('a result that outgrows the limit is caught by States.ALL', async () => {
    const big = async () => 'x'.repeat(262_143);
    expect(await resultOf(task({ Catch: [CATCH_ALL] }), { handlers: { f: big } })).toEqual({
      status: 'SUCCEEDED',
      output: {
        Error: 'States.DataLimitExceeded',
        Cause:
          "The state/task 'arn:aws:lambda:us-east-1:123456789012:function:f' returned a result with a size exceeding the maximum number of bytes service limit.",
      },
    });
    const fits = async () => 'x'.repeat(262_142);
    expect(await resultOf(task({ Catch: [CATCH_ALL], Output: 'small' }), { handlers: { f: fits } })).toEqual({
      status: 'SUCCEEDED',
      output: 'small',
    });
  });

  test('an error that the interpreter raises about itself is not caught, not even by name', async () => {
    const definition = jsonata({
      P: {
        Type: 'Parallel',
        Branches: [
          {
            StartAt: 'C',
            States: {
              C: { Type: 'Choice', Choices: [{ Condition: false, Next: 'E' }] },
              E: { Type: 'Succeed' },
            },
          },
        ],
        Retry: [{ ErrorEquals: ['States.Runtime'] }],
        Catch: [{ ErrorEquals: ['States.Runtime'], Next: 'Caught' }, CATCH_ALL],
        End: true,
      },
      Caught: { Type: 'Pass', End: true },
    });
    const run = start(definition);
    expect(await run.result()).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(run.elapsedSeconds()).toBe(0);
    expect(run.types()).not.toContain('ParallelStateFailed');
  });
});
