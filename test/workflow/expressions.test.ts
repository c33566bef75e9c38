import fc from 'fast-check';
import jsonata from 'jsonata';
import { synthesizeDefinition } from '../../lib/constructs/synthesized-definition';
import { planFixture } from '../support/plan-fixture';
import type { Definition, State } from '../support/states';

const { States: states } = synthesizeDefinition(planFixture()).definition as Definition;

function at(name: string): State {
  const found = states[name];
  if (!found) {
    throw new Error(`there is no state "${name}"`);
  }
  return found;
}

/** Evaluates a field as Step Functions does: every expression inside it, with the state's and the run's variables. */
async function evaluate(field: unknown, variables: Record<string, unknown>): Promise<unknown> {
  if (typeof field === 'string') {
    const expression = /^\{%(.*)%\}$/s.exec(field)?.[1];
    if (expression === undefined) {
      return field;
    }
    const compiled = jsonata(expression);
    compiled.registerFunction('parse', (text: string) => JSON.parse(text), '<s-:x>');
    const value: unknown = await compiled.evaluate(undefined, variables);
    if (value === undefined) {
      throw new Error(`the expression yields nothing: ${expression}`);
    }
    return JSON.parse(JSON.stringify(value));
  }
  if (typeof field === 'object' && field !== null) {
    const entries = await Promise.all(
      Object.entries(field).map(async ([key, value]) => [key, await evaluate(value, variables)]),
    );
    return Array.isArray(field) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
  }
  return field;
}

const context = { Execution: { Name: 'run-7' } };
const onInput = (input: unknown, variables: Record<string, unknown> = {}) => ({
  states: { input, context },
  ...variables,
});

const start = async (input: unknown) =>
  ((await evaluate(at('Start').Assign, onInput(input))) as Record<string, unknown>).runId;

describe('the run id', () => {
  it('is the name of the execution when the input is empty', async () => {
    expect(await start({})).toBe('run-7');
  });

  it('is the one the input names', async () => {
    expect(await start({ runId: 'release-42' })).toBe('release-42');
  });

  it('is the one the stopped execution was started with, when the guard sends its event', async () => {
    const event = { executionArn: 'arn:…:run-1', name: 'run-1', status: 'ABORTED' };
    expect(await start({ ...event, input: '{"runId": "release-42"}' })).toBe('release-42');
    expect(await start({ ...event, input: '{\n  "x": 1,\n  "runId" : "release-42"\n}' })).toBe('release-42');
  });

  it('is the name of the stopped execution when that was started with nothing, or its input is not in the event', async () => {
    const event = { executionArn: 'arn:…:run-1', name: 'run-1', status: 'TIMED_OUT' };
    expect(await start({ ...event, input: '{}' })).toBe('run-1');
    expect(await start({ ...event, input: null, inputDetails: { included: false } })).toBe('run-1');
    expect(await start({ ...event })).toBe('run-1');
    expect(await start({ ...event, input: 'not JSON {"runId": 5' })).toBe('run-1');
  });

  it('is found whatever the input is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (input) => {
        expect(typeof (await start(input))).toBe('string');
      }),
    );
  });
});

describe('the recovery of a stopped run', () => {
  const [rule] = at('Is this the recovery of a run that was stopped?').Choices ?? [];

  it.each([
    [{}, false],
    [{ runId: 'release-42' }, false],
    [{ runId: 'release-42', recover: false }, false],
    [{ runId: 'release-42', recover: true }, true],
    [{ executionArn: 'arn:…:run-1', name: 'run-1', status: 'ABORTED', input: '{}' }, true],
    [null, false],
    ['recover', false],
  ])('of input %j is asked for: %s', async (input, expected) => {
    expect(await evaluate(rule?.Condition, onInput(input))).toBe(expected);
  });

  it('tells how the execution ended', async () => {
    const event = {
      executionArn: 'arn:…:run-1',
      name: 'run-1',
      status: 'FAILED',
      error: 'States.Runtime',
      input: '{}',
    };
    expect(await evaluate(rule?.Assign, onInput(event))).toEqual({
      failure: {
        phase: 'abort',
        error: 'Aborted',
        message: 'execution run-1 ended with status FAILED (States.Runtime) before the run was over',
      },
    });
    expect(await evaluate(rule?.Assign, onInput({ runId: 'x', recover: true }))).toEqual({
      failure: { phase: 'abort', error: 'Aborted', message: 'the recovery was started by hand' },
    });
  });
});

describe('a phase that waits', () => {
  const wait = at('Wait for green');

  it.each([
    [{ status: 'waiting', retryAfterSeconds: 30, detail: 'x', memo: { a: 1 } }, 30, { a: 1 }],
    [{ status: 'waiting', retryAfterSeconds: 0.2, detail: 'x', memo: {} }, 1, {}],
    [{ status: 'waiting', retryAfterSeconds: 1e9, detail: 'x', memo: {} }, 86_400, {}],
    [{ status: 'waiting', retryAfterSeconds: -5 }, 1, {}],
    [{ retryAfterSeconds: '30', memo: 'm' }, 1, {}],
    [null, 1, {}],
  ])('with %j is asked again after %d s and told its memo', async (input, seconds, memo) => {
    expect(await evaluate(wait.Seconds, onInput(input))).toBe(seconds);
    expect(await evaluate(wait.Assign, onInput(input))).toEqual({ memo });
  });
});

describe('a phase that is done', () => {
  const [rule] = at('Is green there?').Choices ?? [];

  it('adds its result to those before and forgets its memo', async () => {
    const input = { status: 'done', detail: 'x', result: { green: { identifier: 'g', list: ['one'] } } };
    const results = { prepare: { switchedOver: false } };
    expect(await evaluate(rule?.Condition, onInput(input))).toBe(true);
    expect(await evaluate(rule?.Assign, onInput(input, { results, memo: { a: 1 } }))).toEqual({
      results: { ...results, clone: { green: { identifier: 'g', list: ['one'] } } },
      memo: {},
    });
  });

  it('is told from one that waits, whatever it answers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (payload) => {
        const output = await evaluate(at('Clone green from the snapshot').Output, {
          states: { result: { Payload: payload } },
        });
        expect(typeof (await evaluate(rule?.Condition, onInput(output)))).toBe('boolean');
        await evaluate(rule?.Assign, onInput(output, { results: {}, memo: {} }));
        await evaluate(at('Wait for green').Assign, onInput(output));
        expect(await evaluate(at('Wait for green').Seconds, onInput(output))).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});

describe('a failure', () => {
  const [catcher] = at('Apply the changes to green').Catch ?? [];
  const caught = async (errorOutput: unknown) =>
    ((await evaluate(catcher?.Assign, { states: { errorOutput } })) as { failure: Record<string, string> }).failure;

  it('carries the message Lambda reports, with line breaks, quotes and other alphabets', async () => {
    const message =
      'changes/0002_x.sql:3:17: column "é\\n" contains null values (SQLSTATE 23502)\n  alter …\n\t^ 日本 😀';
    const Cause = JSON.stringify({ errorType: 'ChangeFailed', errorMessage: message, trace: ['at x', '}'] });
    expect(await caught({ Error: 'ChangeFailed', Cause })).toEqual({
      phase: 'migrate',
      error: 'ChangeFailed',
      message,
    });
  });

  it('carries the cause itself when it is prose, and says so when there is none', async () => {
    expect(await caught({ Error: 'Lambda.Unknown', Cause: 'The cause could not be determined.' })).toEqual({
      phase: 'migrate',
      error: 'Lambda.Unknown',
      message: 'The cause could not be determined.',
    });
    const message = 'it gave no message; see the history of the execution';
    expect(await caught({ Error: 'States.Timeout', Cause: '' })).toMatchObject({ message });
    expect(await caught({ Error: 'States.Timeout' })).toMatchObject({ message });
    expect(await caught({})).toMatchObject({ error: 'Unknown', message });
  });

  it('keeps the beginning and the end of a message that is too long', async () => {
    const { message = '' } = await caught({
      Error: 'E',
      Cause: JSON.stringify({ errorMessage: `begin${'x'.repeat(20_000)}end` }),
    });
    expect(message.length).toBe(3_000 + ' [...] '.length + 1_000);
    expect(message).toMatch(/^beginx+ \[\.\.\.\] x+end$/);
  });

  it('is read without failing whatever the cause is', async () => {
    const pieces = fc.constantFrom('"', '\\', '\\u00', '\\u00e9', '\\"', '\\x', '{', '}', '\n', '\u0001', 'a');
    const almost = fc.string({ unit: pieces });
    const nasty = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.tuple(almost, almost, almost).map(([before, inside, after]) => `${before}"errorMessage":"${inside}"${after}`),
    );
    await fc.assert(
      fc.asyncProperty(nasty, async (Cause) => {
        expect(typeof (await caught({ Error: 'E', Cause })).message).toBe('string');
      }),
      { numRuns: 500 },
    );
  });

  it('of validation carries what the verdict says', async () => {
    const assign = at('Does the verdict say that green equals blue?').Assign;
    const results = { validate: { pass: false, summary: 'green does not equal blue:\n  - rows: orders' } };
    expect(await evaluate(assign, onInput({}, { results }))).toEqual({
      failure: {
        phase: 'validate',
        error: 'ValidationFailed',
        message: 'green does not equal blue:\n  - rows: orders',
      },
    });
    expect(await evaluate(assign, onInput({}, { results: {} }))).toMatchObject({
      failure: { message: 'validate gave no verdict' },
    });
  });
});

describe('the end of a run', () => {
  const variables = {
    runId: 'release-42',
    failure: { phase: 'migrate', error: 'ChangeFailed', message: 'no' },
    results: { clone: { green: { identifier: 'orders-green-0123456789' } } },
  };
  const causeOf = async (name: string, input: unknown, more: Record<string, unknown> = {}) => {
    const text = (await evaluate(at(name).Cause, onInput(input, { ...variables, ...more }))) as string;
    expect(text.length).toBeLessThanOrEqual(32_768);
    return JSON.parse(text);
  };
  const result = {
    outcome: 'rolled-back',
    serving: 'blue',
    reasons: ['green never accepted a write of the application'],
    leftovers: [{ what: 'snapshot s', command: 'aws rds delete-db-snapshot …' }],
  };
  const rolledBack = 'Rolled back: blue serves as before';

  it('tells after a rollback who serves, why, and what is left', async () => {
    expect(at(rolledBack).Error).toBe('RolledBack');
    expect(await causeOf(rolledBack, { status: 'done', result })).toEqual({
      version: 1,
      runId: 'release-42',
      ...result,
      reason: { phase: 'migrate', error: 'ChangeFailed', message: 'no' },
      results: variables.results,
    });
  });

  it('leaves out the results when the cause would be too long, and then the details', async () => {
    const long = { validate: { summary: 'x'.repeat(40_000) } };
    expect(await causeOf(rolledBack, { result }, { results: long })).toEqual({
      version: 1,
      runId: 'release-42',
      ...result,
      reason: variables.failure,
    });
    const leftovers = Array(200).fill({ what: 'w'.repeat(100), command: 'c'.repeat(100) });
    expect(await causeOf(rolledBack, { result: { ...result, leftovers } })).toEqual({
      version: 1,
      runId: 'release-42',
      outcome: 'rolled-back',
      serving: 'blue',
      reason: variables.failure,
      reasons: ['the details are too long for a cause; they are in the history of the execution'],
      leftovers: [],
    });
  });

  it('tells after a rollback that failed both failures', async () => {
    const name = 'Needs attention: the rollback did not get through';
    const rollbackFailure = {
      error: 'RollbackFailed',
      message: 'no route\nto finish by hand, in this order:\n  psql …',
    };
    expect(at(name).Error).toBe('NeedsAttention');
    expect(await causeOf(name, {}, { rollbackFailure })).toEqual({
      version: 1,
      runId: 'release-42',
      outcome: 'needs-attention',
      serving: 'unknown',
      reasons: ['the rollback failed with RollbackFailed: no route\nto finish by hand, in this order:\n  psql …'],
      leftovers: [],
      reason: variables.failure,
      results: variables.results,
    });
  });

  it('is told whatever the rollback answered', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (answer) => {
        expect(await causeOf('Needs attention: green serves', { status: 'done', result: answer })).toMatchObject({
          version: 1,
          runId: 'release-42',
        });
      }),
    );
  });

  it('tells after a migration that green serves', async () => {
    expect(await evaluate(at('Migrated').Output, onInput({}, variables))).toEqual({
      version: 1,
      runId: 'release-42',
      outcome: 'migrated',
      serving: 'green',
      results: variables.results,
    });
  });
});
