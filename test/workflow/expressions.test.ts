/** Every expression is total: it yields what the next state needs, whatever the input, a phase or an error holds. */
import fc from 'fast-check';
import { runIdOf } from '../../lib/core/guarding';
import { at, evaluate, onInput } from '../support/state-expressions';

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

  it('is the one the guard reads from a listing, whatever the input is', async () => {
    const texts = fc.constantFrom('{"runId": "r-1"}', '{}', 'not JSON', 'r-2');
    const inputs = fc.oneof(
      fc.jsonValue(),
      fc.record(
        { runId: fc.oneof(texts, fc.integer()), executionArn: texts, name: texts, input: texts },
        { requiredKeys: [] },
      ),
    );
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        const execution = { name: 'run-7', status: 'RUNNING', input: JSON.stringify(input) };
        expect(runIdOf(execution)).toBe(await start(input));
      }),
    );
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
    expect(await evaluate(rule?.Assign, onInput({ runId: 'x', recover: true, why: 'blue is frozen' }))).toEqual({
      failure: { phase: 'abort', error: 'Aborted', message: 'blue is frozen' },
    });
  });
});

describe('a failback by hand', () => {
  const [, rule] = at('Is this the recovery of a run that was stopped?').Choices ?? [];

  it.each([
    [{}, false],
    [{ runId: 'release-42' }, false],
    [{ runId: 'release-42', failback: false }, false],
    [{ runId: 'release-42', failback: true }, true],
    [{ executionArn: 'arn:…:run-1', name: 'run-1', status: 'ABORTED', input: '{"failback":true}' }, false],
    [null, false],
    ['failback', false],
  ])('of input %j is asked for: %s', async (input, expected) => {
    expect(await evaluate(rule?.Condition, onInput(input))).toBe(expected);
  });

  it('is its own reason', async () => {
    expect(await evaluate(rule?.Assign, onInput({ runId: 'x', failback: true }))).toEqual({
      failure: { phase: 'failback', error: 'FailbackRequested', message: 'the failback was started by hand' },
    });
  });
});

/** When the state is entered, in these tests. */
const MIDNIGHT = Date.UTC(2026, 0, 2);

describe('a phase that waits', () => {
  it.each([
    [100, 30],
    [80_000 / 100, 100],
    [8_000, 1_000],
    [86_400, 7_200],
    [864_000, 7_200],
  ])('for %d s already is asked again after %d s', async (waited, seconds) => {
    const variables = { waitingSince: MIDNIGHT - waited * 1000 };
    const input = { status: 'waiting', retryAfterSeconds: 30 };
    expect(await evaluate(at('Wait for green').Seconds, onInput(input, variables))).toBe(seconds);
    expect(await evaluate(at('Wait for green').Assign, onInput(input, variables))).toMatchObject(variables);
    expect(await evaluate(at('Wait for the bake time').Seconds, onInput(input, variables))).toBe(30);
  });

  const wait = at('Wait for green');

  it.each([
    [{ status: 'waiting', retryAfterSeconds: 30, detail: 'x', memo: { a: 1 } }, 30, { a: 1 }],
    [{ status: 'waiting', retryAfterSeconds: 0.2, detail: 'x', memo: {} }, 1, {}],
    [{ status: 'waiting', retryAfterSeconds: 1e9, detail: 'x', memo: {} }, 86_400, {}],
    [{ status: 'waiting', retryAfterSeconds: -5 }, 1, {}],
    [{ retryAfterSeconds: '30', memo: 'm' }, 1, {}],
    [null, 1, {}],
  ])('with %j is asked again after %d s and told its memo', async (input, seconds, memo) => {
    const begun = { waitingSince: 0 };
    expect(await evaluate(wait.Seconds, onInput(input, begun))).toBe(seconds);
    expect(await evaluate(wait.Assign, onInput(input, begun))).toEqual({ waitingSince: MIDNIGHT, memo });
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
      waitingSince: 0,
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
    const assign = at('Give up: green does not equal blue').Assign;
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
