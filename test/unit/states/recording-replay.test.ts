/** The replay of recordings notices when the engine does something else than was recorded. */

import { matchesRecorded } from '../../support/recorded-value';
import { type Recording, replayDifferences } from '../../support/recording-replay';
import { call, jsonata } from '../../support/states-run';

/** A Task that failed once and then succeeded, as the service records it. */
function recording(changes: { output?: unknown; error?: string; last?: string; exited?: string } = {}): Recording {
  const { output = { n: 2 }, error = 'Exception', last = 'ExecutionSucceeded', exited = 'T' } = changes;
  const retry = { Retry: [{ ErrorEquals: ['Exception'] }], Output: { n: '{% $states.result.n %}' } };
  return {
    id: 'hand-made',
    definition: jsonata({ T: call('f', retry) }),
    input: { n: 1 },
    events: [
      { id: 1, previousEventId: 0, type: 'ExecutionStarted', executionStartedEventDetails: { input: { n: 1 } } },
      { id: 2, previousEventId: 0, type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'T', input: { n: 1 } } },
      {
        id: 3,
        previousEventId: 2,
        type: 'LambdaFunctionScheduled',
        lambdaFunctionScheduledEventDetails: { input: { n: 1 } },
      },
      { id: 4, previousEventId: 3, type: 'LambdaFunctionStarted' },
      {
        id: 5,
        previousEventId: 4,
        type: 'LambdaFunctionFailed',
        lambdaFunctionFailedEventDetails: { error, cause: { m: 1 } },
      },
      {
        id: 6,
        previousEventId: 5,
        type: 'LambdaFunctionScheduled',
        lambdaFunctionScheduledEventDetails: { input: '{"n":1}' },
      },
      { id: 7, previousEventId: 6, type: 'LambdaFunctionStarted' },
      {
        id: 8,
        previousEventId: 7,
        type: 'LambdaFunctionSucceeded',
        lambdaFunctionSucceededEventDetails: { output: { n: 2 } },
      },
      {
        id: 9,
        previousEventId: 8,
        type: 'TaskStateExited',
        stateExitedEventDetails: { name: exited, output: '{"n":2}' },
      },
      { id: 10, previousEventId: 9, type: last, executionSucceededEventDetails: { output } },
    ],
  };
}

describe('a replay', () => {
  test('agrees with a recording that the engine follows', async () => {
    expect(await replayDifferences(recording())).toEqual([]);
  });

  test.each([
    ['another output', { output: { n: 3 } }, ['output is "{\\"n\\":2}", recorded is {"n":3}']],
    ['another end', { last: 'ExecutionFailed' }, ['ended with ExecutionSucceeded, recorded is ExecutionFailed']],
    [
      'another state',
      { exited: 'U' },
      ['step 2 is TaskStateExited T "{\\"n\\":2}", recorded is TaskStateExited U "{\\"n\\":2}"'],
    ],
  ])('notices %s', async (_what, changes, differences) => {
    expect(await replayDifferences(recording(changes))).toEqual(differences);
  });

  test('notices an error that is not retried', async () => {
    const differences = await replayDifferences(recording({ error: 'Other' }));
    expect(differences).toContain('ended with ExecutionFailed, recorded is ExecutionSucceeded');
    expect(differences).toContain('error is "Other", recorded is undefined');
  });
});

describe('a recorded value', () => {
  test.each([
    ['timestamp', '2016-12-05T21:29:29Z'],
    [
      'arn:<partition>:lambda:<region>:111111111111:function:<lambda-function-name>',
      'arn:aws:lambda:us-east-1:123456789012:function:f',
    ],
    ['<<task_token>:1>', 'AAAA'],
    [{ a: [1, '<uuid:1>'] }, '{"a":[1,"c0ffee"]}'],
    ['[1,2]', [1, 2]],
    ['text', 'text'],
  ])('%j matches %j', (recorded, actual) => {
    expect(matchesRecorded(recorded, actual)).toBe(true);
  });

  test.each([
    ['text', 'other text'],
    ['a.c', 'abc'],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: 1 }, '{"a":2}'],
    [
      [1, 2],
      [2, 1],
    ],
    [null, undefined],
    ['1', 2],
  ])('%j does not match %j', (recorded, actual) => {
    expect(matchesRecorded(recorded, actual)).toBe(false);
  });
});
