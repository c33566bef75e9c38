/** How data goes through states: templates, variables, the context, copies. */
import { VirtualClock } from '../../../lib/local/clock/virtual-clock';
import type { HistoryEvent } from '../../../lib/local/states/history-event';
import { JsonataEvaluator } from '../../../lib/local/states/jsonata-evaluator';
import { call, jsonata, resultOf, start } from '../../support/states-run';

const pass = (more: object = {}) => ({ Type: 'Pass', End: true, ...more });
const output = (template: unknown, input?: never) =>
  resultOf(jsonata({ S: pass({ Output: template }) }), input === undefined ? {} : { input });

function succeeded(value: unknown): object {
  return { status: 'SUCCEEDED', output: value };
}

describe('templates', () => {
  test('only texts that are wholly an expression are evaluated', async () => {
    const template = {
      a: '{% 1 + 1 %}',
      b: ' {% 1 %} ',
      c: '$states.input',
      d: [1, '{% "x" & "y" %}', null, { e: '{% [] %}' }],
    };
    expect(await output(template)).toEqual(
      succeeded({ a: 2, b: ' {% 1 %} ', c: '$states.input', d: [1, 'xy', null, { e: [] }] }),
    );
  });

  test('a sequence of one element unwraps and a list of one element does not', async () => {
    const input = {
      items: [
        { id: 1, hot: true },
        { id: 2, hot: false },
      ],
    };
    const template = { one: '{% $states.input.items[hot].id %}', list: '{% [$states.input.items[hot].id] %}' };
    expect(await resultOf(jsonata({ S: pass({ Output: template }) }), { input })).toEqual(
      succeeded({ one: 1, list: [1] }),
    );
  });

  test('null is a value and numbers that JSON cannot hold become texts', async () => {
    const input = { none: null };
    const template = { none: '{% $states.input.none %}', huge: '{% $parse("1e999") %}', zero: '{% $parse("-0") %}' };
    expect(await resultOf(jsonata({ S: pass({ Output: template }) }), { input })).toEqual(
      succeeded({ none: null, huge: 'Infinity', zero: 0 }),
    );
  });

  test.each([
    [
      '{% $states.input.absent %}',
      'Output',
      "The JSONata expression '$states.input.absent' specified for the field 'Output' returned nothing (undefined).",
    ],
    [
      { a: ['{% $gone %}'] },
      'Output/a[0]',
      "The JSONata expression '$gone' specified for the field 'Output/a[0]' returned nothing (undefined).",
    ],
    [
      '{% $eval("1") %}',
      'Output',
      "The JSONata expression '$eval(\"1\")' specified for the field 'Output' threw an error during evaluation. T1006: Attempted to invoke a non-function",
    ],
    [
      '{% $sum %}',
      'Output',
      "The JSONata expression '$sum' specified for the field 'Output' returned an unsupported result type.",
    ],
  ])('%j fails the state and says where', async (template, location, message) => {
    const run = start(jsonata({ S: pass({ Output: template }) }));
    const cause = `An error occurred while executing the state 'S' (entered at the event id #2). ${message}`;
    expect(await run.result()).toEqual({ status: 'FAILED', error: 'States.QueryEvaluationError', cause });
    expect(run.types()).toEqual(['ExecutionStarted', 'PassStateEntered', 'EvaluationFailed', 'ExecutionFailed']);
    expect(run.events()[2]).toMatchObject({
      evaluationFailedEventDetails: { error: 'States.QueryEvaluationError', cause, location, state: 'S' },
    });
  });

  test('a runaway expression is stopped', async () => {
    const result = await output('{% ($f := function($n) { 1 + $f($n + 1) }; $f(0)) %}');
    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      cause: expect.stringContaining('Depth=101 max=100'),
    });
    const evaluator = new JsonataEvaluator(new VirtualClock(), Math.random, 10_000);
    expect(await evaluator.evaluate('($f := function($n) { $f($n + 1) }; $f(0))', {})).toEqual({
      kind: 'error',
      message: 'Expression evaluation timeout: Check for infinite loop',
    });
  });
});

describe("the service's own functions", () => {
  test.each([
    ['$partition([1,2,3,4,5], 2)', [[1, 2], [3, 4], [5]]],
    ['$partition([1,2,3], 2.9)', [[1, 2], [3]]],
    ['$partition([0], 5)', [[0]]],
    ['$range(0, 10, 5)', [0, 5, 10]],
    ['$range(10, 0, -4)', [10, 6, 2]],
    ['$range(3, 3, 1)', 3],
    ['$hash("Hello", "MD5")', '8b1a9953c4611296a827abf8c47804d7'],
    ['$hash("Hello", "SHA-1")', 'f7ff9e8b7bb2e09b70935a5d785e0cc5d9d0abf0'],
    ['$hash("Hello", "SHA-256")', '185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969'],
    ['$parse("{\\"a\\": [1]}").a', [1]],
    ['$random(7) = $random(7)', true],
    ['$random() < 1', true],
    ['$match($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/).index', 0],
    ['$now()', '2024-01-01T00:00:00.000Z'],
    ['$now("[Y]/[M]/[D]")', '2024/1/1'],
    ['$millis()', 1704067200000],
  ])('%s', async (expression, value) => {
    expect(await output(`{% ${expression} %}`)).toEqual(succeeded(value));
  });

  test.each([
    ['$range("0", 4, 1)', 'T0410: Argument 1 of function "range" does not match function signature'],
    ['$partition([1], -1)', 'D3137: Second argument must be zero or greater'],
    ['$hash("a", "md5")', 'D3137: Unsupported hash algorithm md5; allowed are MD5, SHA-1, SHA-256, SHA-384, SHA-512'],
    ['$parse("{")', 'D3137: Unable to parse the JSON string'],
    ['$range(1, 360146, 1)', 'Expression evaluation memory limit exceeded: Check for excessive memory usage'],
  ])('%s fails the state', async (expression, message) => {
    expect(await output(`{% ${expression} %}`)).toMatchObject({
      error: 'States.QueryEvaluationError',
      cause: expect.stringContaining(`threw an error during evaluation. ${message}`),
    });
  });

  test.each(['$range(1, 5)', '$range(5, 1, 1)', '$partition([], 2)', '$hash("a")'])(
    '%s returns nothing',
    async (expression) => {
      expect(await output(`{% ${expression} %}`)).toMatchObject({
        cause: expect.stringContaining('returned nothing (undefined).'),
      });
    },
  );
});

describe('variables', () => {
  test('Assign and Output of one state both see the variables as of its entry', async () => {
    const run = start(
      jsonata({
        First: { Type: 'Pass', Assign: { n: 1 }, Next: 'Second' },
        Second: { Type: 'Pass', Assign: { n: '{% $n + 1 %}', old: '{% $n %}' }, Output: '{% $n %}', Next: 'Third' },
        Third: pass({ Output: { n: '{% $n %}', old: '{% $old %}', before: '{% $states.input %}' } }),
      }),
    );
    expect(await run.result()).toEqual(succeeded({ n: 2, old: 1, before: 1 }));
    expect(run.events().find(({ id }) => id === 5)).toMatchObject({
      stateExitedEventDetails: { name: 'Second', assignedVariables: { n: '2', old: '1' } },
    });
  });

  test('inner scopes read outer variables and keep their own to themselves', async () => {
    const definition = jsonata({
      Set: { Type: 'Pass', Assign: { outer: 7 }, Next: 'Each' },
      Each: {
        Type: 'Map',
        Items: [1, 2],
        ItemProcessor: {
          StartAt: 'In',
          States: {
            In: { Type: 'Pass', Assign: { inner: '{% $outer + $states.input %}' }, Next: 'Out' },
            Out: pass({ Output: '{% $inner %}' }),
          },
        },
        Next: 'After',
      },
      After: pass({ Output: { sums: '{% $states.input %}', inner: '{% $exists($inner) %}' } }),
    });
    expect(await resultOf(definition)).toEqual(succeeded({ sums: [8, 9], inner: false }));
  });
});

test('the context tells of execution, machine, state and map item', async () => {
  const definition = jsonata({
    Each: {
      Type: 'Map',
      Items: ['a'],
      ItemProcessor: { StartAt: 'In', States: { In: pass({ Output: '{% $states.context %}' }) } },
      End: true,
    },
  });
  const machineArn = 'arn:aws:states:us-east-1:123456789012:stateMachine:machine';
  expect(await resultOf(definition, { input: { x: 1 } })).toEqual(
    succeeded([
      {
        Execution: {
          Id: 'arn:aws:states:us-east-1:123456789012:execution:machine:run',
          Input: { x: 1 },
          StartTime: '2024-01-01T00:00:00.000Z',
          Name: 'run',
          RoleArn: 'arn:aws:iam::123456789012:role/machine',
          RedriveCount: 0,
        },
        StateMachine: { Id: machineArn, Name: 'machine' },
        State: { Name: 'In', EnteredTime: '2024-01-01T00:00:00.000Z' },
        Map: { Item: { Index: 0, Value: 'a' } },
      },
    ]),
  );
});

test('what a handler does to its payload stays with the handler', async () => {
  const definition = jsonata({
    Spoil: call('spoil', {
      End: undefined,
      Output: '{% $states.input %}',
      Assign: { kept: '{% $states.input %}' },
      Next: 'Tell',
    }),
    Tell: pass({ Output: { input: '{% $states.input %}', kept: '{% $kept %}' } }),
  });
  const spoil = async (payload: unknown) => {
    (payload as { list: number[] }).list.push(99);
  };
  expect(await resultOf(definition, { input: { list: [1] }, handlers: { spoil } })).toEqual(
    succeeded({ input: { list: [1] }, kept: { list: [1] } }),
  );
});

test('events are told as they happen, until the listener leaves', async () => {
  const run = start(jsonata({ Wait: { Type: 'Wait', Seconds: 1, Next: 'Pass' }, Pass: pass() }));
  const seen: HistoryEvent[] = [];
  const leave = run.service.onEvent((event) => {
    seen.push(event);
    if (event.type === 'WaitStateExited') leave();
  });
  await run.result();
  expect(seen.map(({ type }) => type)).toEqual(['WaitStateExited']);
  expect(seen[0]).toMatchObject({ executionArn: run.executionArn, id: 3, previousEventId: 2 });
});
