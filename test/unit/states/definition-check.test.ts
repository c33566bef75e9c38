/** Definitions that the engine, or the service, would not take are refused when they are loaded. */
import { InvalidDefinitionError } from '../../../lib/local/states/invalid-definition-error';
import { StateMachine } from '../../../lib/local/states/state-machine';
import { call, jsonata } from '../../support/states-run';

const END = { Type: 'Pass', End: true };

function problemsOf(definition: string | object): string[] {
  try {
    StateMachine.parse(definition);
  } catch (error) {
    if (error instanceof InvalidDefinitionError)
      return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe('refuses', () => {
  test.each<[string, string | object, string[]]>([
    ['what is not JSON', '{', [": is not JSON: Expected property name or '}' in JSON at position 1"]],
    ['what is not an object', '[]', [': must be an object, got []']],
    [
      'an unknown field of the machine',
      { ...jsonata({ S: END }), Start: 'S' },
      ['/Start: unknown field; allowed are StartAt, States, Comment, QueryLanguage, TimeoutSeconds, Version'],
    ],
    [
      'an unknown type of state',
      jsonata({ S: { Type: 'Loop', End: true } }),
      ['/States/S/Type: must be one of Pass, Task, Choice, Wait, Succeed, Fail, Parallel, Map, got "Loop"'],
    ],
    [
      'an unknown field of a state',
      jsonata({ S: { ...END, Outputs: 1 } }),
      [
        '/States/S/Outputs: unknown field of a Pass state in JSONata; allowed are Type, Comment, QueryLanguage, Next, End, Assign, Output',
      ],
    ],
    [
      'a field of the other query language',
      jsonata({ S: { ...END, ResultPath: '$' } }),
      [
        "/States/S: The QueryLanguage is set to 'JSONata', but field 'ResultPath' is only supported for the 'JSONPath' QueryLanguage",
      ],
    ],
    [
      'JSONPath inside a machine in JSONata',
      jsonata({ S: { ...END, QueryLanguage: 'JSONPath' } }),
      ["/States/S: 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"],
    ],
    [
      'a transition to nowhere',
      jsonata({ S: { Type: 'Pass', Next: 'T' }, E: END }),
      ["/States/S/Next: there is no state 'T'", '/States/E: State "E" is not reachable.'],
    ],
    ['both Next and End', jsonata({ S: { ...END, Next: 'S' } }), ['/States/S: must have either Next or End']],
    [
      'a machine that never ends',
      jsonata({ S: { Type: 'Pass', Next: 'S' } }),
      [': no state ends it; give one "End": true, or add a Succeed or Fail state'],
    ],
    [
      'a Resource it does not know',
      jsonata({ S: call('f', { Resource: 'arn:aws:states:us-east-1:123456789012:activity:a' }) }),
      [
        "/States/S/Resource: 'arn:aws:states:us-east-1:123456789012:activity:a' is neither a Lambda function ARN nor a service integration (arn:aws:states:::lambda:invoke); activities are not offered",
      ],
    ],
    [
      'Wait for both',
      jsonata({ S: { Type: 'Wait', Seconds: 1, Timestamp: '2024-01-01T00:00:00Z', End: true } }),
      ['/States/S: must have exactly one of Seconds and Timestamp, got Seconds and Timestamp'],
    ],
    [
      'States.ALL in company',
      jsonata({ S: call('f', { Retry: [{ ErrorEquals: ['A', 'States.ALL'] }] }) }),
      ['/States/S/Retry[0]/ErrorEquals: States.ALL must appear alone and at end of list'],
    ],
    [
      'States.ALL before the end',
      jsonata({ S: call('f', { Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['A'] }] }) }),
      ['/States/S/Retry[0]/ErrorEquals: States.ALL must appear alone and at end of list'],
    ],
    [
      'an unknown field of a retrier',
      jsonata({ S: call('f', { Retry: [{ ErrorEquals: ['A'], Attempts: 1 }] }) }),
      [
        '/States/S/Retry[0]/Attempts: unknown field; allowed are ErrorEquals, IntervalSeconds, MaxAttempts, BackoffRate, MaxDelaySeconds, JitterStrategy, Comment',
      ],
    ],
    [
      'a backoff that shrinks',
      jsonata({ S: call('f', { Retry: [{ ErrorEquals: ['A'], BackoffRate: 0.5 }] }) }),
      ['/States/S/Retry[0]/BackoffRate: must be a number of at least 1, got 0.5'],
    ],
    [
      'an expression that does not parse',
      jsonata({ S: { ...END, Output: { a: '{% 1 + %}' } } }),
      ['/States/S/Output/a: INVALID_JSONATA_EXPRESSION: Unexpected end of expression'],
    ],
    [
      'a reference to a context item',
      jsonata({ S: { ...END, Output: '{% phone %}' } }),
      ["/States/S/Output: UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported."],
    ],
    [
      'a Choice in JSONPath',
      { StartAt: 'S', States: { S: { Type: 'Choice', Choices: [{ Variable: '$.a', Next: 'E' }] }, E: END } },
      [
        '/States/S: the local engine offers Choice in JSONata only; give the state "QueryLanguage": "JSONata" and Conditions',
        '/States/S/Choices[0]/Variable: unknown field; allowed are Condition, Next, Assign, Output, Comment',
        '/States/S/Choices[0]/Condition: is missing',
      ],
    ],
    [
      'JSONPath outside the subset',
      { StartAt: 'S', States: { S: { ...END, Parameters: { 'a.$': '$.list[?(@.x)]' } } } },
      [
        '/States/S/Parameters/a.$: "$.list[?(@.x)]" is outside the subset of JSONPath that the local engine reads ($.a.b[0], $[\'a\'], $$.State.Name, $variable.a); write the state in JSONata',
      ],
    ],
    [
      'intrinsic functions of JSONPath',
      { StartAt: 'S', States: { S: { ...END, Assign: { 'a.$': "States.Format('{}', $.b)" } } } },
      [
        "/States/S/Assign/a.$: \"States.Format('{}', $.b)\" is outside the subset of JSONPath that the local engine reads ($.a.b[0], $['a'], $$.State.Name, $variable.a); write the state in JSONata",
      ],
    ],
    [
      'an inner variable that hides an outer one',
      jsonata({
        S: {
          Type: 'Map',
          Assign: { x: 1 },
          ItemProcessor: { StartAt: 'I', States: { I: { ...END, Assign: { x: 2 } } } },
          End: true,
        },
      }),
      ["/States/S/ItemProcessor/States/I: The variable name 'x' was already defined in a parent scope."],
    ],
    [
      'an inner variable that hides one that the catcher of another state sets',
      jsonata({
        T: call('f', { End: undefined, Next: 'S', Catch: [{ ErrorEquals: ['Boom'], Assign: { x: 1 }, Next: 'S' }] }),
        S: {
          Type: 'Map',
          ItemProcessor: { StartAt: 'I', States: { I: { ...END, Assign: { x: 2 } } } },
          End: true,
        },
      }),
      ["/States/S/ItemProcessor/States/I: The variable name 'x' was already defined in a parent scope."],
    ],
    [
      'the reserved variable',
      jsonata({ S: { ...END, Assign: { states: 1 } } }),
      ["/States/S: the variable name 'states' is reserved"],
    ],
    [
      'an item reader',
      jsonata({ S: { Type: 'Map', ItemReader: {}, ItemProcessor: { StartAt: 'I', States: { I: END } }, End: true } }),
      [expect.stringContaining('/States/S/ItemReader: unknown field of a Map state') as unknown as string],
    ],
  ])('%s', (_what, definition, problems) => {
    expect(problemsOf(definition)).toEqual(problems);
  });

  test('everything that is wrong at once', () => {
    expect(() => StateMachine.parse(jsonata({ S: { Type: 'Pass' }, T: { Type: 'Nope' } }))).toThrow(
      'invalid state machine definition:\n- /States/S: must have either Next or End\n- /States/T/Type: must be one of',
    );
  });
});

test.each([
  '$map($states.input.list, function($x){ $x.name })',
  '$states.input.items[value > 3].name',
  '{"a": $states.input.{"b": c}}',
  '$merge([$states.result, {"n": $n}])',
  '$states.input ~> $keys()',
])('takes %s', (expression) => {
  expect(problemsOf(jsonata({ S: call('f', { Output: `{% ${expression} %}` }) }))).toEqual([]);
});
