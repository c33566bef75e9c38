/** Choice, Wait, Succeed and Fail. */
import { jsonata, resultOf, start } from '../../support/states-run';

const END = { Type: 'Pass', End: true };

describe('Choice', () => {
  const definition = jsonata({
    Which: {
      Type: 'Choice',
      Choices: [
        { Condition: '{% $states.input.n > 10 %}', Next: 'Tell', Assign: { size: 'big' }, Output: 'rule' },
        { Condition: '{% $states.input.n > 5 %}', Next: 'Tell', Assign: { size: 'middling' } },
      ],
      Default: 'Tell',
      Assign: { size: 'small' },
      Output: 'state',
    },
    Tell: { ...END, Output: { size: '{% $size %}', input: '{% $states.input %}' } },
  });

  test.each([
    [11, { size: 'big', input: 'rule' }],
    [6, { size: 'middling', input: { n: 6 } }],
    [1, { size: 'small', input: 'state' }],
  ])('for %d the first rule that holds decides, with its own Assign and Output', async (n, output) => {
    expect(await resultOf(definition, { input: { n } })).toEqual({ status: 'SUCCEEDED', output });
  });

  test('without a rule that holds and without Default the execution fails, as the service reports it', async () => {
    const machine = jsonata({ C: { Type: 'Choice', Choices: [{ Condition: false, Next: 'E' }] }, E: END });
    expect(await resultOf(machine)).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause:
        "An error occurred while executing the state 'C' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state.",
    });
  });

  test('a condition that is no boolean fails the state', async () => {
    const machine = jsonata({ C: { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: 'E' }] }, E: END });
    expect(await resultOf(machine)).toMatchObject({
      error: 'States.QueryEvaluationError',
      cause: expect.stringContaining(
        "The JSONata expression '1' specified for the field 'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'number' for value: 1",
      ),
    });
  });
});

describe('Wait', () => {
  const waiting = (fields: object) => jsonata({ W: { Type: 'Wait', End: true, ...fields } });

  test.each([
    [{ Seconds: 2_592_000 }, 2_592_000],
    [{ Seconds: '{% $states.input.s * 2 %}' }, 14],
    [{ Timestamp: '2024-01-01T00:01:00Z' }, 60],
    [{ Timestamp: '{% "2024-01-01T01:00:30.5+01:00" %}' }, 30.5],
    [{ Timestamp: '2023-01-01T00:00:00Z' }, 0],
  ])('%j takes %d virtual seconds', async (fields, seconds) => {
    const run = start(waiting(fields), { input: { s: 7 } });
    expect(await run.result()).toEqual({ status: 'SUCCEEDED', output: { s: 7 } });
    expect(run.elapsedSeconds()).toBe(seconds);
  });

  test.each([
    [{ Seconds: '{% 1.5 %}' }, 'The Seconds field cannot be parsed as an integer: 1.5'],
    [{ Seconds: '{% -1 %}' }, 'Seconds must be between 0 and 99999999 but was: -1'],
    [
      { Timestamp: '{% "2024-02-30T00:00:00Z" %}' },
      'The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: 2024-02-30T00:00:00Z',
    ],
    [
      { Timestamp: '{% "2024-02-01 00:00:00Z" %}' },
      'The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: 2024-02-01 00:00:00Z',
    ],
    [
      { Timestamp: '{% 5 %}' },
      "The JSONata expression '5' specified for the field 'Timestamp' returned an unexpected result type. Expected 'string', but was 'number' for value: 5",
    ],
  ])('%j fails the state', async (fields, message) => {
    expect(await resultOf(waiting(fields))).toEqual({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      cause: `An error occurred while executing the state 'W' (entered at the event id #2). ${message}`,
    });
  });
});

test('Succeed ends the execution with its Output', async () => {
  const run = start(jsonata({ S: { Type: 'Succeed', Output: { n: '{% $states.input.n %}' } } }), { input: { n: 1 } });
  expect(await run.result()).toEqual({ status: 'SUCCEEDED', output: { n: 1 } });
  expect(run.types()).toEqual(['ExecutionStarted', 'SucceedStateEntered', 'SucceedStateExited', 'ExecutionSucceeded']);
});

test('Fail takes error and cause from expressions', async () => {
  const machine = jsonata({
    F: { Type: 'Fail', Error: '{% $states.input.e %}', Cause: "{% 'at ' & $states.context.State.Name %}" },
  });
  const run = start(machine, { input: { e: 'RolledBack' } });
  expect(await run.result()).toEqual({ status: 'FAILED', error: 'RolledBack', cause: 'at F' });
  expect(run.types()).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
});

test('Fail without error and cause fails without them', async () => {
  expect(await resultOf(jsonata({ F: { Type: 'Fail' } }))).toEqual({ status: 'FAILED' });
});
