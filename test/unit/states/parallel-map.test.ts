/** Parallel and Map: results, concurrency, failures of one among many, and the events that tell of them. */
import { VirtualClock } from '../../../lib/local/clock/virtual-clock';
import { call, jsonata, named, resultOf, start } from '../../support/states-run';

const pass = (output?: unknown) => ({ Type: 'Pass', End: true, ...(output === undefined ? {} : { Output: output }) });
const block = (...states: [string, object][]) => ({ StartAt: states[0]?.[0], States: Object.fromEntries(states) });
const boom = async () => {
  throw named('Boom');
};

describe('Parallel', () => {
  test('gives every branch its Arguments and hands on their outputs in order', async () => {
    const definition = jsonata({
      P: {
        Type: 'Parallel',
        Arguments: { n: '{% $states.input.n + 1 %}' },
        Branches: [
          block(['Slow', { Type: 'Wait', Seconds: 9, End: true }]),
          block(['Fast', pass('{% $states.input.n * 2 %}')]),
        ],
        Output: { all: '{% $states.result %}', was: '{% $states.input.n %}' },
        End: true,
      },
    });
    expect(await resultOf(definition, { input: { n: 1 } })).toEqual({
      status: 'SUCCEEDED',
      output: { all: [{ n: 2 }, 4], was: 1 },
    });
  });

  test('the first failure stops the other branches, and the history tells of both', async () => {
    const definition = jsonata({
      P: {
        Type: 'Parallel',
        Branches: [block(['W', { Type: 'Wait', Seconds: 60, End: true }]), block(['T', call('f')])],
        Catch: [{ ErrorEquals: ['Boom'], Next: 'Caught' }],
        End: true,
      },
      Caught: pass('caught'),
    });
    const run = start(definition, { handlers: { f: boom } });
    expect(await run.result()).toEqual({ status: 'SUCCEEDED', output: 'caught' });
    expect(run.elapsedSeconds()).toBe(0);
    const tail = run
      .events()
      .slice(-9)
      .map(({ previousEventId, type }) => `${previousEventId} ${type}`);
    expect(tail).toEqual([
      '6 LambdaFunctionStarted',
      '7 LambdaFunctionFailed',
      '8 WaitStateAborted',
      '8 TaskStateAborted',
      '8 ParallelStateFailed',
      '11 ParallelStateExited',
      '12 PassStateEntered',
      '13 PassStateExited',
      '14 ExecutionSucceeded',
    ]);
  });

  test('a branch that was stopped does nothing more, however long the execution goes on', async () => {
    const called: string[] = [];
    const late = async () => {
      called.push('late');
    };
    const slow = block(['W', { Type: 'Wait', Seconds: 60, Next: 'Late' }], ['Late', call('late')]);
    const definition = jsonata({
      P: {
        Type: 'Parallel',
        Branches: [slow, block(['T', call('f')])],
        Catch: [{ ErrorEquals: ['Boom'], Next: 'Linger' }],
        End: true,
      },
      Linger: { Type: 'Wait', Seconds: 3600, End: true },
    });
    expect(await resultOf(definition, { handlers: { f: boom, late } })).toMatchObject({ status: 'SUCCEEDED' });
    expect(called).toEqual([]);
  });

  test('what a branch had set is gone when the catcher of the Parallel sets a variable of the same name', async () => {
    const step = { ...pass(), End: undefined, Assign: { reason: 'none' }, Next: 'Fails' };
    const definition = jsonata({
      P: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'Set', States: { Set: step, Fails: { Type: 'Fail', Error: 'Boom' } } }],
        Catch: [{ ErrorEquals: ['Boom'], Assign: { reason: '{% $states.errorOutput.Error %}' }, Next: 'Caught' }],
        End: true,
      },
      Caught: { ...pass(), Output: '{% $reason %}' },
    });
    expect(await resultOf(definition)).toEqual({ status: 'SUCCEEDED', output: 'Boom' });
  });

  test('retried as a whole it starts all branches again', async () => {
    let left = 1;
    const flaky = async () => {
      left -= 1;
      if (left >= 0) throw named('Boom');
      return 'ok';
    };
    const definition = jsonata({
      P: {
        Type: 'Parallel',
        Branches: [block(['A', pass()]), block(['T', call('f')])],
        Retry: [{ ErrorEquals: ['Boom'] }],
        End: true,
      },
    });
    const run = start(definition, { handlers: { f: flaky } });
    expect(await run.result()).toEqual({ status: 'SUCCEEDED', output: [{}, 'ok'] });
    expect(run.types().filter((type) => type === 'ParallelStateStarted').length).toBe(2);
    expect(run.types()).not.toContain('ParallelStateFailed');
  });
});

describe('Map', () => {
  const map = (more: object, ...states: [string, object][]) =>
    jsonata({
      M: { Type: 'Map', End: true, ItemProcessor: block(...states), ...more },
      ...('Catch' in more ? { Caught: pass() } : {}),
    });

  test('runs its processor for every item, with what ItemSelector makes of it', async () => {
    const definition = map(
      {
        Items: '{% $states.input.list %}',
        ItemSelector: { at: '{% $states.context.Map.Item.Index %}', item: '{% $states.context.Map.Item.Value %}' },
      },
      ['I', pass('{% $states.input.item & "@" & $states.input.at %}')],
    );
    expect(await resultOf(definition, { input: { list: ['a', 'b'] } })).toEqual({
      status: 'SUCCEEDED',
      output: ['a@0', 'b@1'],
    });
  });

  test('runs at most MaxConcurrency iterations at once and keeps the order of the items', async () => {
    const clock = new VirtualClock();
    let running = 0;
    let most = 0;
    const work = async (seconds: unknown) => {
      running += 1;
      most = Math.max(most, running);
      await clock.sleep(Number(seconds) * 1000);
      running -= 1;
      return seconds;
    };
    const run = start(map({ Items: [4, 1, 3, 2], MaxConcurrency: '{% 2 %}' }, ['T', call('f')]), {
      clock,
      handlers: { f: work },
    });
    expect(await run.result()).toEqual({ status: 'SUCCEEDED', output: [4, 1, 3, 2] });
    expect(most).toBe(2);
    expect(run.elapsedSeconds()).toBe(6);
  });

  test('the first failure stops the other iterations and is the failure of the Map', async () => {
    const fail = async (item: unknown) => {
      if (item === 2) throw named('Boom');
    };
    const definition = map(
      { Items: [1, 2] },
      ['C', { Type: 'Choice', Choices: [{ Condition: '{% $states.input = 1 %}', Next: 'W' }], Default: 'T' }],
      ['W', { Type: 'Wait', Seconds: 99, End: true }],
      ['T', call('f')],
    );
    const run = start(definition, { handlers: { f: fail } });
    expect(await run.result()).toMatchObject({ status: 'FAILED', error: 'Boom' });
    expect(run.elapsedSeconds()).toBe(0);
    expect(run.types().slice(-6)).toEqual([
      'MapIterationFailed',
      'WaitStateAborted',
      'MapIterationAborted',
      'TaskStateAborted',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });

  describe('tolerates', () => {
    const odd = async (item: unknown) => {
      if (Number(item) % 2 === 1) throw named('Boom');
      return item;
    };
    test.each([
      [{ ToleratedFailureCount: 2 }, { status: 'SUCCEEDED', output: [2, 4] }],
      [{ ToleratedFailurePercentage: '{% 50 %}' }, { status: 'SUCCEEDED', output: [2, 4] }],
      [
        { ToleratedFailureCount: 1 },
        {
          status: 'FAILED',
          error: 'States.ExceedToleratedFailureThreshold',
          cause: 'The specified tolerated failure threshold was exceeded',
        },
      ],
      [
        { ToleratedFailurePercentage: 49 },
        {
          status: 'FAILED',
          error: 'States.ExceedToleratedFailureThreshold',
          cause: 'The specified tolerated failure threshold was exceeded',
        },
      ],
      [
        { ToleratedFailureCount: 2, ToleratedFailurePercentage: 10 },
        {
          status: 'FAILED',
          error: 'States.ExceedToleratedFailureThreshold',
          cause: 'The specified tolerated failure threshold was exceeded',
        },
      ],
    ])('%j', async (tolerance, result) => {
      expect(
        await resultOf(map({ Items: [1, 2, 3, 4], ...tolerance }, ['T', call('f')]), { handlers: { f: odd } }),
      ).toEqual(result);
    });
  });

  test('an item that cannot be selected fails the Map, which may catch it', async () => {
    const definition = map(
      {
        Items: [1, 2],
        ItemSelector: '{% $gone %}',
        Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'Caught' }],
      },
      ['I', pass()],
    );
    const run = start(definition);
    expect(await run.result()).toMatchObject({ status: 'SUCCEEDED', output: { Error: 'States.QueryEvaluationError' } });
    expect(run.types()).toContain('MapStateFailed');
  });

  test('distributed, the history tells of the run and not of its iterations', async () => {
    const definition = map({
      Items: [1, 2],
      Label: 'Ranges',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        ...block(['I', pass('{% $states.input * 10 %}')]),
      },
    });
    const run = start(definition);
    expect(await run.result()).toEqual({ status: 'SUCCEEDED', output: [10, 20] });
    expect(run.events().map(({ previousEventId, type }) => `${previousEventId} ${type}`)).toEqual([
      '0 ExecutionStarted',
      '0 MapStateEntered',
      '2 MapStateStarted',
      '3 MapRunStarted',
      '4 MapRunSucceeded',
      '4 MapStateSucceeded',
      '4 MapStateExited',
      '7 ExecutionSucceeded',
    ]);
  });
});
