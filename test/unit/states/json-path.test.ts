/** The small subset of JSONPath that machines mixing both query languages need. */
import { jsonata, named, resultOf, start } from '../../support/states-run';

const END = { Type: 'Pass', End: true };
const machine = (states: Readonly<Record<string, object>>) => ({ ...jsonata(states), QueryLanguage: 'JSONPath' });
const invoke = (more: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:lambda:us-east-1:123456789012:function:f',
  End: true,
  ...more,
});
const echo = { f: async (payload: unknown) => ({ got: payload, list: [1, 2] }) };

test('Parameters take what stands at paths in input, context and variables', async () => {
  const definition = machine({
    Set: { Type: 'Pass', Assign: { 'user.$': '$.user', limit: 3 }, Next: 'Use' },
    Use: {
      ...END,
      Parameters: {
        'name.$': "$user['name']",
        'limit.$': '$limit',
        'second.$': '$.list[1]',
        'state.$': '$$.State.Name',
        fixed: '$.list',
      },
    },
  });
  expect(await resultOf(definition, { input: { user: { name: 'Ann' }, list: [1, 2] } })).toEqual({
    status: 'SUCCEEDED',
    output: { name: 'Ann', limit: 3, second: 2, state: 'Use', fixed: '$.list' },
  });
});

test('a Task goes through InputPath, Parameters, ResultSelector, ResultPath and OutputPath', async () => {
  const definition = machine({
    T: invoke({
      InputPath: '$.in',
      Parameters: { 'x.$': '$.a' },
      ResultSelector: { 'n.$': '$.got.x', 'first.$': '$.list[0]' },
      ResultPath: '$.out.here',
      OutputPath: '$.out',
    }),
  });
  expect(await resultOf(definition, { input: { in: { a: 7 } }, handlers: echo })).toEqual({
    status: 'SUCCEEDED',
    output: { here: { n: 7, first: 1 } },
  });
});

test.each([
  [{ ResultPath: null }, { a: 1 }],
  [{ OutputPath: null }, {}],
  [{ InputPath: null, ResultSelector: { 'got.$': '$.got' } }, { got: {} }],
])('a Task with %j', async (fields, output) => {
  expect(await resultOf(machine({ T: invoke(fields) }), { input: { a: 1 }, handlers: echo })).toEqual({
    status: 'SUCCEEDED',
    output,
  });
});

test('Pass hands on its Result where ResultPath says', async () => {
  const definition = machine({ P: { ...END, Result: { x: 1 }, ResultPath: '$.deep.er' } });
  expect(await resultOf(definition, { input: { a: 1 } })).toEqual({
    status: 'SUCCEEDED',
    output: { a: 1, deep: { er: { x: 1 } } },
  });
});

test('Map takes its items and their parameters by path', async () => {
  const definition = machine({
    M: {
      Type: 'Map',
      ItemsPath: '$.list',
      ItemSelector: { 'item.$': '$$.Map.Item.Value', 'at.$': '$$.Map.Item.Index', 'all.$': '$.n' },
      ItemProcessor: { StartAt: 'I', States: { I: END } },
      End: true,
    },
  });
  expect(await resultOf(definition, { input: { list: ['a'], n: 5 } })).toEqual({
    status: 'SUCCEEDED',
    output: [{ item: 'a', at: 0, all: 5 }],
  });
});

test('Wait takes its length by path', async () => {
  const run = start(machine({ W: { Type: 'Wait', SecondsPath: '$.s', End: true } }), { input: { s: 12 } });
  expect(await run.result()).toEqual({ status: 'SUCCEEDED', output: { s: 12 } });
  expect(run.elapsedSeconds()).toBe(12);
});

test('Catch puts the error where its ResultPath says', async () => {
  const definition = machine({
    T: invoke({ Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'C' }] }),
    C: { ...END, Parameters: { 'e.$': '$.error.Error', 'a.$': '$.a' } },
  });
  const f = async () => {
    throw named('Boom');
  };
  expect(await resultOf(definition, { input: { a: 1 }, handlers: { f } })).toEqual({
    status: 'SUCCEEDED',
    output: { e: 'Boom', a: 1 },
  });
});

test('a path that leads nowhere fails the execution and is not caught', async () => {
  const definition = machine({
    T: invoke({ Parameters: { 'x.$': '$.nope' }, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }] }),
    C: END,
  });
  expect(await resultOf(definition, { input: { a: 1 }, handlers: echo })).toEqual({
    status: 'FAILED',
    error: 'States.Runtime',
    cause:
      "An error occurred while executing the state 'T' (entered at the event id #2). The JSONPath '$.nope' specified for the field 'x.$' could not be found in the input '{\"a\":1}'",
  });
});
