/** The replay of recordings notices when the engine does something else than was recorded. */

import { matchesRecorded } from '../../support/recorded-value';
import { type RecordedEvent, type Recording, replayDifferences } from '../../support/recording-replay';
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

interface Step {
  readonly type: string;
  readonly details?: object;
  /** Whether the number of the event was struck out. */
  readonly unnumbered?: boolean;
}

/** Events that follow one from the other, after the start. */
function eventsOf(...steps: Step[]): RecordedEvent[] {
  return [{ type: 'ExecutionStarted' }, ...steps].map(({ type, details, unnumbered }: Step, index) => ({
    id: (unnumbered ? [0] : index + 1) as number,
    previousEventId: unnumbered ? 0 : index,
    type,
    ...(details ? { [`${type}EventDetails`]: details } : {}),
  }));
}

const entered = (type: string, name: string, input: unknown = {}): Step => ({
  type: `${type}StateEntered`,
  details: { name, input },
});
const exited = (type: string, name: string, output: unknown): Step => ({
  type: `${type}StateExited`,
  details: { name, output },
});
function failed(error: string): Step {
  return { type: 'ExecutionFailed', details: { error } };
}
const succeeded = (output: unknown): Step => ({ type: 'ExecutionSucceeded', details: { output } });

describe('a replay copes with', () => {
  test('tasks inside a Parallel whose events were sorted and lost their numbers', async () => {
    const branch = (name: string) => ({ StartAt: name, States: { [name]: call(name, { Arguments: { of: name } }) } });
    const inside: Step[] = [
      entered('Task', 'A'),
      entered('Task', 'B'),
      exited('Task', 'A', '"a"'),
      exited('Task', 'B', '"b"'),
      { type: 'LambdaFunctionScheduled', details: { input: { of: 'A' } } },
      { type: 'LambdaFunctionScheduled', details: { input: { of: 'B' } } },
      { type: 'LambdaFunctionStarted' },
      { type: 'LambdaFunctionStarted' },
      { type: 'LambdaFunctionSucceeded', details: { output: '"a"' } },
      { type: 'LambdaFunctionSucceeded', details: { output: '"b"' } },
    ];
    const events = eventsOf(
      entered('Parallel', 'P'),
      { type: 'ParallelStateStarted' },
      ...inside.map((step) => ({ ...step, unnumbered: true })),
      exited('Parallel', 'P', '["a","b"]'),
      succeeded('["a","b"]'),
    );
    const definition = jsonata({ P: { Type: 'Parallel', Branches: [branch('A'), branch('B')], End: true } });
    expect(await replayDifferences({ id: 'sorted', definition, events })).toEqual([]);
  });

  test('a task inside a Parallel that was tried twice', async () => {
    const retry = { Retry: [{ ErrorEquals: ['Boom'] }] };
    const inside: Step[] = [
      entered('Task', 'A'),
      exited('Task', 'A', '1'),
      { type: 'LambdaFunctionFailed', details: { error: 'Boom' } },
      { type: 'LambdaFunctionScheduled', details: { input: {} } },
      { type: 'LambdaFunctionScheduled', details: { input: {} } },
      { type: 'LambdaFunctionSucceeded', details: { output: '1' } },
    ];
    const events = eventsOf(
      entered('Parallel', 'P'),
      ...inside.map((step) => ({ ...step, unnumbered: true })),
      exited('Parallel', 'P', '[1]'),
      succeeded('[1]'),
    );
    const branches = [{ StartAt: 'A', States: { A: call('a', retry) } }];
    const definition = jsonata({ P: { Type: 'Parallel', Branches: branches, End: true } });
    expect(await replayDifferences({ id: 'tried twice', definition, events })).toEqual([]);
  });

  test('a definition given as text with comments and trailing commas', async () => {
    const definition = `{ // a machine
      "QueryLanguage": "JSONata", "StartAt": "S",
      "States": { "S": { "Type": "Pass", "End": true, }, },
    }`;
    const events = eventsOf(entered('Pass', 'S', { n: 1 }), exited('Pass', 'S', { n: 1 }), succeeded({ n: 1 }));
    expect(await replayDifferences({ id: 'text', definition, input: { n: 1 }, events })).toEqual([]);
  });

  test.each([
    ['given as text', '{"n":1}'],
    ['told by the first event only', undefined],
  ])('an input %s', async (_how, input) => {
    const steps = [entered('Pass', 'S', { n: 1 }), exited('Pass', 'S', '1'), succeeded('1')];
    const events = [{ ...eventsOf(...steps)[0], executionStartedEventDetails: { input: { n: 1 } } }];
    const recorded = [...events, ...eventsOf(...steps).slice(1)] as RecordedEvent[];
    const definition = jsonata({ S: { Type: 'Pass', Output: '{% $states.input.n %}', End: true } });
    const base = { id: 'input', definition, events: recorded };
    expect(await replayDifferences(input === undefined ? base : { ...base, input })).toEqual([]);
  });

  test.each<[string, Step[], Step]>([
    [
      'a task that could not be scheduled',
      [{ type: 'LambdaFunctionScheduleFailed', details: { error: 'Boom' } }],
      failed('Boom'),
    ],
    [
      'a task that timed out without a limit of its own',
      [
        { type: 'LambdaFunctionScheduled', details: { input: {} } },
        { type: 'LambdaFunctionTimedOut', details: { error: 'States.Timeout' } },
      ],
      failed('States.Timeout'),
    ],
    [
      'an execution that was stopped while a task ran',
      [{ type: 'LambdaFunctionScheduled', details: { input: {} } }],
      { type: 'ExecutionAborted', details: { error: 'Stopped' } },
    ],
  ])('%s', async (_what, steps, end) => {
    const events = eventsOf(entered('Task', 'T'), ...steps, end);
    expect(await replayDifferences({ id: 'task', definition: jsonata({ T: call('f') }), events })).toEqual([]);
  });

  test('an execution that was stopped in a Wait, and one that ran out of time', async () => {
    const wait = { W: { Type: 'Wait', Seconds: 600, End: true } };
    const stopped = eventsOf(entered('Wait', 'W'), { type: 'ExecutionAborted', details: {} });
    expect(await replayDifferences({ id: 'stopped', definition: jsonata(wait), events: stopped })).toEqual([]);
    const late = eventsOf(entered('Wait', 'W'), { type: 'ExecutionTimedOut', details: { error: 'States.Timeout' } });
    const definition = jsonata(wait, { TimeoutSeconds: 5 });
    expect(await replayDifferences({ id: 'late', definition, events: late })).toEqual([]);
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
