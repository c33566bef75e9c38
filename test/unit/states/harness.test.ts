/** What is the engine's own fault or limit never passes for something the workflow handled. */
import { HarnessError } from '../../../lib/local/states/harness-error';
import { call, jsonata, resultOf, start } from '../../support/states-run';

const EVERYTHING = {
  Retry: [{ ErrorEquals: ['States.ALL'] }],
  Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
};
const CAUGHT = { Caught: { Type: 'Pass', End: true } };

describe('a harness error', () => {
  test('a missing handler ends the execution, whatever Retry and Catch say', async () => {
    const run = start(jsonata({ T: call('absent', EVERYTHING), ...CAUGHT }), { handlers: { present: async () => 1 } });
    const message =
      "state 'T' calls 'arn:aws:lambda:us-east-1:123456789012:function:absent', for which there is no handler (there are: present); register one under the function's ARN or name";
    await expect(run.result()).rejects.toThrow(new HarnessError(message));
    expect(run.elapsedSeconds()).toBe(0);
    expect(run.service.describeExecution(run.executionArn)).toMatchObject({
      status: 'FAILED',
      error: 'HarnessError',
      cause: message,
    });
    expect(run.types().at(-1)).toBe('ExecutionFailed');
  });

  test('it passes through Parallel and Map', async () => {
    const inner = { StartAt: 'T', States: { T: call('absent') } };
    const map = { Type: 'Map', Items: [1, 2], ItemProcessor: inner, ...EVERYTHING, End: true };
    const definition = jsonata({
      P: { Type: 'Parallel', Branches: [{ StartAt: 'M', States: { M: map, ...CAUGHT } }], ...EVERYTHING, End: true },
      ...CAUGHT,
    });
    await expect(resultOf(definition)).rejects.toThrow(HarnessError);
  });

  test('one that a handler throws is not taken for an error of the function', async () => {
    const f = async () => {
      throw new HarnessError('the fixture is missing');
    };
    await expect(resultOf(jsonata({ T: call('f', EVERYTHING), ...CAUGHT }), { handlers: { f } })).rejects.toThrow(
      'the fixture is missing',
    );
  });

  test('a listener that throws is the harness at fault', async () => {
    const run = start(jsonata({ W: { Type: 'Wait', Seconds: 1, End: true } }));
    run.service.onEvent(({ type }) => {
      if (type === 'WaitStateExited') throw new Error('broken pipe');
    });
    await expect(run.result()).rejects.toThrow('the local engine failed: Error: broken pipe');
  });

  test.each([
    [
      { FunctionName: 'f', Playload: 1 },
      "state 'T' calls lambda:invoke with the unknown arguments Playload; allowed are FunctionName, Payload, InvocationType, Qualifier, ClientContext, LogType",
    ],
    [
      { FunctionName: 5 },
      "state 'T' calls lambda:invoke with FunctionName 5; allowed are FunctionName, Payload, InvocationType, Qualifier, ClientContext, LogType",
    ],
    [
      { FunctionName: 'f', InvocationType: 'Event' },
      `state 'T' asks for InvocationType "Event"; the local engine offers RequestResponse only`,
    ],
  ])('refuses to invoke Lambda with %j', async (args, message) => {
    const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: args, End: true };
    await expect(resultOf(jsonata({ T: task }), { handlers: { f: async () => 1 } })).rejects.toThrow(
      new HarnessError(message),
    );
  });
});

describe('a handler', () => {
  const invoke = (FunctionName: string) => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName, Payload: { n: 1 } },
    End: true,
  });

  test.each([
    'f',
    'f:live',
    'arn:aws:lambda:us-east-1:123456789012:function:f',
    'arn:aws:lambda:us-east-1:123456789012:function:f:7',
    '123456789012:function:f',
  ])('is found for %s', async (name) => {
    expect(
      await resultOf(jsonata({ T: invoke(name) }), { handlers: { f: async () => 'found' }, random: () => 0 }),
    ).toEqual({
      status: 'SUCCEEDED',
      output: {
        ExecutedVersion: '$LATEST',
        Payload: 'found',
        SdkHttpMetadata: { HttpStatusCode: 200 },
        SdkResponseMetadata: { RequestId: '00000000-0000-4000-8000-000000000000' },
        StatusCode: 200,
      },
    });
  });

  test('has its result passed through JSON, as Lambda does', async () => {
    const f = async () => ({ at: new Date(0), gone: undefined, list: [undefined] });
    expect(await resultOf(jsonata({ T: call('f') }), { handlers: { f } })).toEqual({
      status: 'SUCCEEDED',
      output: { at: '1970-01-01T00:00:00.000Z', list: [null] },
    });
    expect(await resultOf(jsonata({ T: call('f') }), { handlers: { f: async () => undefined } })).toEqual({
      status: 'SUCCEEDED',
      output: null,
    });
  });

  test('serves another service under the Resource itself', async () => {
    const Resource = 'arn:aws:states:::aws-sdk:rds:describeDBInstances';
    const run = start(
      jsonata({ T: { Type: 'Task', Resource, Arguments: { DbInstanceIdentifier: 'blue' }, End: true } }),
      {
        handlers: { [Resource]: async (args) => ({ asked: args }) },
      },
    );
    expect(await run.result()).toEqual({ status: 'SUCCEEDED', output: { asked: { DbInstanceIdentifier: 'blue' } } });
    expect(run.events()[2]).toMatchObject({
      taskScheduledEventDetails: { resourceType: 'aws-sdk:rds', resource: 'describeDBInstances' },
    });
  });
});

test('an execution fails when its history is full', async () => {
  const run = start(
    jsonata({
      A: { Type: 'Pass', Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Condition: false, Next: 'C' }], Default: 'A' },
      C: { Type: 'Succeed' },
    }),
  );
  expect(await run.result()).toEqual({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: 'The execution reached the maximum number of history events (25000).',
  });
  expect(run.events().length).toBe(25_000);
  expect(run.types().at(-1)).toBe('ExecutionFailed');
});
