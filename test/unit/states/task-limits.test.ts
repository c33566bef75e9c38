/** Tasks against the clock: timeouts, heartbeats, callbacks, and executions that are stopped or run out of time. */
import { VirtualClock } from '../../../lib/local/clock/virtual-clock';
import type { TaskHandler } from '../../../lib/local/states/states-service';
import { call, jsonata, start } from '../../support/states-run';

const CALLBACK = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Arguments: { FunctionName: 'ask', Payload: '{% $states.context.Task.Token %}' },
  End: true,
};

/** A handler that takes a while on the engine's clock and tells whether its signal was aborted. */
function slow(clock: VirtualClock, ms: number) {
  const signals: AbortSignal[] = [];
  const handler: TaskHandler = async (_, { signal }) => {
    signals.push(signal);
    await clock.sleep(ms);
    return 'late';
  };
  return { handler, signals };
}

describe('TimeoutSeconds', () => {
  test('ends the wait with States.Timeout and an empty cause, and aborts the handler', async () => {
    const clock = new VirtualClock();
    const { handler, signals } = slow(clock, 60_000);
    const definition = jsonata({
      T: call('f', { TimeoutSeconds: '{% 5 %}', Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Caught' }] }),
      Caught: { Type: 'Succeed' },
    });
    const run = start(definition, { clock, handlers: { f: handler } });
    expect(await run.result()).toEqual({ status: 'SUCCEEDED', output: { Error: 'States.Timeout', Cause: '' } });
    expect(run.elapsedSeconds()).toBe(5);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(run.events()[2]).toMatchObject({
      type: 'LambdaFunctionScheduled',
      lambdaFunctionScheduledEventDetails: { timeoutInSeconds: 5 },
    });
    expect(run.events()[4]).toMatchObject({
      type: 'LambdaFunctionTimedOut',
      lambdaFunctionTimedOutEventDetails: { error: 'States.Timeout' },
    });
  });

  test('a result in time is the result', async () => {
    const clock = new VirtualClock();
    const run = start(jsonata({ T: call('f', { TimeoutSeconds: 5 }) }), {
      clock,
      handlers: { f: slow(clock, 4999).handler },
    });
    expect(await run.result()).toEqual({ status: 'SUCCEEDED', output: 'late' });
  });

  test('an uncaught timeout fails the execution without a cause', async () => {
    const clock = new VirtualClock();
    const run = start(jsonata({ T: call('f', { TimeoutSeconds: 1 }) }), {
      clock,
      handlers: { f: slow(clock, 9000).handler },
    });
    expect(await run.result()).toEqual({ status: 'FAILED', error: 'States.Timeout' });
  });

  test("the machine's own ends the execution as TIMED_OUT", async () => {
    const run = start(jsonata({ W: { Type: 'Wait', Seconds: 60, End: true } }, { TimeoutSeconds: 10 }));
    expect(await run.result()).toEqual({ status: 'TIMED_OUT' });
    expect(run.elapsedSeconds()).toBe(10);
    expect(run.types()).toEqual(['ExecutionStarted', 'WaitStateEntered', 'ExecutionTimedOut']);
    expect(run.service.describeExecution(run.executionArn)).toMatchObject({
      status: 'TIMED_OUT',
      stopDate: new Date(Date.UTC(2024, 0, 1, 0, 0, 10)),
    });
  });
});

describe('a callback task', () => {
  function asked(state: object = CALLBACK) {
    const tokens: string[] = [];
    const clock = new VirtualClock();
    const ask: TaskHandler = async (token) => {
      tokens.push(String(token));
      return { queued: true };
    };
    return {
      tokens,
      clock,
      run: start(jsonata({ Ask: state, Late: { Type: 'Succeed' } }), { clock, handlers: { ask } }),
    };
  }
  const withCatch = { ...CALLBACK, Catch: [{ ErrorEquals: ['Declined', 'States.HeartbeatTimeout'], Next: 'Late' }] };

  /** Lets the engine work until the handler has been called. */
  async function called(tokens: readonly string[]): Promise<string> {
    for (let turn = 0; turn < 100 && tokens.length === 0; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    const [token] = tokens;
    if (!token) throw new Error('the handler was not called');
    return token;
  }

  test('ends with the output it is answered with, not with what its handler returned', async () => {
    const { run, tokens } = asked(withCatch);
    run.service.sendTaskSuccess(await called(tokens), '{"ok":1}');
    expect(await run.result()).toEqual({ status: 'SUCCEEDED', output: { ok: 1 } });
    expect(run.types().slice(2, -2)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
    expect(run.events()[2]).toMatchObject({
      taskScheduledEventDetails: { resource: 'invoke.waitForTaskToken', resourceType: 'lambda', region: 'us-east-1' },
    });
  });

  test('fails with the error it is answered with', async () => {
    const { run, tokens } = asked(withCatch);
    run.service.sendTaskFailure(await called(tokens), { error: 'Declined', cause: 'no' });
    expect(await run.result()).toEqual({ status: 'SUCCEEDED', output: { Error: 'Declined', Cause: 'no' } });
  });

  test('that misses its heartbeat times out, which is caught as States.HeartbeatTimeout', async () => {
    const { run } = asked({ ...withCatch, HeartbeatSeconds: 30, TimeoutSeconds: 3600 });
    expect(await run.result()).toEqual({ status: 'SUCCEEDED', output: { Error: 'States.Timeout', Cause: '' } });
    expect(run.elapsedSeconds()).toBe(30);
    expect(run.types()).toContain('TaskTimedOut');
  });

  test('lives on as long as heartbeats come in time', async () => {
    const { run, clock, tokens } = asked({ ...withCatch, HeartbeatSeconds: 30 });
    await clock.track(async () => {
      const token = await called(tokens);
      for (let beat = 0; beat < 4; beat += 1) {
        await clock.sleep(29_000);
        run.service.sendTaskHeartbeat(token);
      }
    });
    await run.result();
    expect(run.elapsedSeconds()).toBe(4 * 29 + 30);
  });

  test('refuses answers once it has timed out', async () => {
    const { run, tokens } = asked({ ...withCatch, HeartbeatSeconds: 30 });
    const token = await called(tokens);
    await run.result();
    expect(() => run.service.sendTaskSuccess(token, '{}')).toThrow(
      "Task Timed Out: 'Provided task does not exist anymore'",
    );
  });

  test('whose handler fails was never submitted', async () => {
    const run = start(jsonata({ Ask: CALLBACK }), {
      handlers: {
        ask: async () => {
          throw new TypeError('no queue');
        },
      },
    });
    expect(await run.result()).toMatchObject({ status: 'FAILED', error: 'TypeError' });
    expect(run.types()).toContain('TaskSubmitFailed');
  });
});

describe('stopping an execution', () => {
  test('ends it as ABORTED with error and cause, aborts its handlers, and nothing happens afterwards', async () => {
    const clock = new VirtualClock();
    const { handler, signals } = slow(clock, 60_000);
    const run = start(jsonata({ T: call('f', { Next: 'After', End: undefined }), After: { Type: 'Succeed' } }), {
      clock,
      handlers: { f: handler },
    });
    await clock.sleep(1000);
    run.service.stopExecution(run.executionArn, { error: 'Operator', cause: 'enough' });
    expect(await run.result()).toEqual({ status: 'ABORTED', error: 'Operator', cause: 'enough' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    await clock.sleep(120_000);
    expect(run.types()).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'ExecutionAborted',
    ]);
    expect(run.events().at(-1)).toMatchObject({ executionAbortedEventDetails: { error: 'Operator', cause: 'enough' } });
  });

  test('stops all branches, and has no effect on an execution that has ended', async () => {
    const wait = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 9, End: true } } };
    const run = start(jsonata({ P: { Type: 'Parallel', Branches: [wait, wait], End: true } }));
    run.service.stopExecution(run.executionArn);
    expect(await run.result()).toEqual({ status: 'ABORTED' });
    run.service.stopExecution(run.executionArn, { error: 'Again' });
    expect(run.service.describeExecution(run.executionArn).error).toBeUndefined();
    expect(run.types().at(-1)).toBe('ExecutionAborted');
  });
});
