import aslValidator from 'asl-validator';
import { synthesizeDefinition } from '../../lib/constructs/synthesized-definition';
import { planFixture } from '../support/plan-fixture';
import { type Definition, reachable, type State } from '../support/states';

const { definition: synthesized, functions } = synthesizeDefinition(planFixture());
const definition = synthesized as Definition;
const tasks = Object.entries(definition.States).filter(([, { Type }]) => Type === 'Task');

const ROLLBACK = 'Give blue back to the application';
const FAILBACK = 'Move the application back to blue';
const BEFORE = [
  'Check blue and take the lock',
  'Take a snapshot of blue',
  'Clone green from the snapshot',
  'Apply the changes to green',
  'Let green follow blue',
  'Prove that green equals blue',
  'Move the application to green',
];
const AFTER = ['Watch green while blue is kept', 'Retire blue'];
const FAILBACK_AND_ITS_ENDS = [
  FAILBACK,
  'Has the application moved back?',
  'Wait for the failback',
  'Does blue serve again?',
  'Failed back: blue serves, with every write',
  'Needs attention: green serves',
  'Needs attention: the failback did not get through',
];

function state(name: string): State {
  const found = definition.States[name];
  if (!found) {
    throw new Error(`there is no state "${name}"`);
  }
  return found;
}

describe('the arrows', () => {
  it('go through the phases in order, when no phase meets trouble', () => {
    const path: string[] = [];
    const wayOn = ({ Type, Choices, Next, Default }: State): string | undefined => {
      const done = Choices?.find(({ Condition }) => /status = 'done'|validate\.pass = true/.test(Condition));
      return Type === 'Choice' ? (done?.Next ?? Default) : Next;
    };
    for (let name: string | undefined = definition.StartAt; name; name = wayOn(state(name))) {
      path.push(name);
    }
    expect(path.filter((name) => state(name).Type !== 'Choice')).toEqual(['Start', ...BEFORE, ...AFTER, 'Migrated']);
  });

  it('lead from every state to an end', () => {
    for (const name of Object.keys(definition.States)) {
      const ends = [...reachable(definition, name)].filter((end) => ['Succeed', 'Fail'].includes(state(end).Type));
      expect({ name, ends: ends.length > 0 }).toEqual({ name, ends: true });
    }
  });

  it('of a choice that no rule took never lead where one of its rules does, which engines read differently', () => {
    const choices = Object.entries(definition.States).filter(([, { Type }]) => Type === 'Choice');
    expect(choices.length).toBeGreaterThan(10);
    expect(
      choices
        .filter(([, { Default, Choices = [] }]) => Choices.some(({ Next }) => Next === Default))
        .map(([name]) => name),
    ).toEqual([]);
  });

  it('leave no state unreachable', () => {
    expect([...reachable(definition, definition.StartAt)].sort()).toEqual(Object.keys(definition.States).sort());
  });

  it('never lead from the rollback back into the run', () => {
    expect([...reachable(definition, ROLLBACK)].sort()).toEqual(
      [
        ROLLBACK,
        'Is the rollback done?',
        'Wait for the rollback',
        'Who serves the application now?',
        'Rolled back: blue serves as before',
        'Rehearsed: blue serves as before',
        'Migrated',
        'Needs attention: the rollback did not get through',
        'Needs attention: there is no blue',
        ...FAILBACK_AND_ITS_ENDS,
      ].sort(),
    );
  });

  it('lead from the failback to its ends and nowhere else', () => {
    expect([...reachable(definition, FAILBACK)].sort()).toEqual([...FAILBACK_AND_ITS_ENDS].sort());
  });

  it('lead to the failback only where it was asked for, or where the rollback found that blue has every write', () => {
    const ways = Object.entries(definition.States).filter(([, { Next, Default, Choices = [] }]) =>
      [Next, Default, ...Choices.map((rule) => rule.Next)].includes(FAILBACK),
    );
    expect(ways.map(([name]) => name)).toEqual([
      'Is this the recovery of a run that was stopped?',
      'Who serves the application now?',
      'Wait for the failback',
    ]);
  });

  it('skip to the switchover, which ends what was begun, when an earlier execution of the run moved the application already', () => {
    expect(state('Has the application moved to green already?').Choices).toEqual([
      { Condition: '{% $results.prepare.switchedOver = true %}', Next: 'Move the application to green' },
    ]);
  });

  it('lead to the switchover only with a verdict that passed, and not in a rehearsal', () => {
    expect(state('Does the verdict say that green equals blue?')).toMatchObject({
      Choices: [{ Condition: '{% $results.validate.pass = true %}', Next: 'Is this a rehearsal?' }],
      Default: 'Give up: green does not equal blue',
    });
    expect(state('Is this a rehearsal?')).toMatchObject({
      Choices: [{ Condition: '{% $rehearse = true %}', Next: 'End the rehearsal' }],
      Default: 'Move the application to green',
    });
    const because = (error: string) => ({ phase: 'validate', error, message: expect.stringContaining('summary') });
    expect(state('End the rehearsal')).toMatchObject({ Next: ROLLBACK, Assign: { failure: because('Rehearsed') } });
    expect(state('Give up: green does not equal blue')).toMatchObject({
      Next: ROLLBACK,
      Assign: { failure: because('ValidationFailed') },
    });
    const leadsToSwitchover = Object.entries(definition.States).filter(([, { Next, Default, Choices = [] }]) =>
      [Next, Default, ...Choices.map((choiceRule) => choiceRule.Next)].includes('Move the application to green'),
    );
    expect(leadsToSwitchover.map(([name]) => name)).toEqual([
      'Has the application moved to green already?',
      'Wait for the switchover',
      'Is this a rehearsal?',
    ]);
  });
});

describe('failures', () => {
  it('are caught in every phase and lead to the rollback, and from rollback and failback to an end', () => {
    const ends: Record<string, string> = {
      [ROLLBACK]: 'Needs attention: the rollback did not get through',
      [FAILBACK]: 'Needs attention: the failback did not get through',
    };
    expect(tasks.map(([name]) => name).sort()).toEqual([...BEFORE, ...AFTER, ROLLBACK, FAILBACK].sort());
    for (const [name, { Catch }] of tasks) {
      const next = ends[name] ?? ROLLBACK;
      expect(Catch).toEqual([expect.objectContaining({ ErrorEquals: ['States.ALL'], Next: next })]);
    }
  });

  it.each(BEFORE)('that trying again cannot change lead to the rollback at once, in "%s"', (name) => {
    const [never] = state(name).Retry ?? [];
    expect(never).toEqual({ ErrorEquals: expect.any(Array), MaxAttempts: 0 });
    expect(never?.ErrorEquals).toEqual(
      expect.arrayContaining([
        'PlanInvalid',
        'BlueNotFound',
        'BlueNotAvailable',
        'BlueIsReadReplica',
        'RunLocked',
        'ChangeAltered',
        'GuardrailViolated',
        'ForeignResource',
        'ResourceFailed',
        'GreenNotOurs',
        'FreezeFailed',
        'FreezeExpired',
        'ChangeFailed',
        'SwitchoverRefused',
        'LineageLost',
        'SeedUnusable',
        'FollowingBroken',
        'SchemaDrifted',
        'TooMuchWalKept',
        'FollowingTooSlow',
        'ComparisonTooSlow',
      ]),
    );
  });

  it.each(BEFORE)('that pass are tried again for up to six minutes, in "%s"', (name) => {
    expect(state(name).Retry?.slice(1)).toEqual([
      {
        ErrorEquals: [
          'TemporarilyUnavailable',
          'ResourceBusy',
          'RollbackFailed',
          'Lambda.ClientExecutionTimeoutException',
          'Lambda.ServiceException',
          'Lambda.AWSLambdaException',
          'Lambda.SdkClientException',
          'Lambda.TooManyRequestsException',
          'Lambda.Unknown',
          'Sandbox.Timedout',
          'States.Timeout',
        ],
        IntervalSeconds: 2,
        MaxAttempts: 10,
        BackoffRate: 2,
        MaxDelaySeconds: 60,
        JitterStrategy: 'FULL',
      },
    ]);
    expect(longestWait(state(name).Retry?.[1])).toBe(362);
  });

  it.each(AFTER)('are tried again for half an hour, except what a look at green found out, in "%s"', (name) => {
    const [found, ...others] = state(name).Retry ?? [];
    expect(found).toEqual({
      ErrorEquals: ['AlarmFired', 'FollowingBroken', 'LineageLost', 'TooMuchWalKept', 'WayBackDiffers'],
      MaxAttempts: 0,
    });
    expect(others).toEqual([expect.objectContaining({ ErrorEquals: ['States.ALL'] })]);
    expect(longestWait(others[0])).toBe(2_115);
  });

  it.each([ROLLBACK, FAILBACK])('are all tried again for two hours in "%s", after which nobody comes', (name) => {
    expect(state(name).Retry).toEqual([expect.objectContaining({ ErrorEquals: ['States.ALL'] })]);
    expect(longestWait(state(name).Retry?.[0])).toBe(7_515);
  });
});

describe('the definition', () => {
  it('passes asl-validator', () => {
    const { isValid, errorsText } = aslValidator(structuredClone(synthesized), {
      checkPaths: true,
      checkArn: true,
    });
    expect(errorsText('\n')).toBe('');
    expect(isValid).toBe(true);
  });

  it('fails asl-validator when a state is missing, so that the validator is known to look', () => {
    const broken = structuredClone(definition) as { States: Record<string, unknown> };
    delete broken.States['Retire blue'];
    expect(aslValidator(broken, { checkPaths: true, checkArn: true }).isValid).toBe(false);
  });

  it('uses JSONata throughout', () => {
    expect(definition.QueryLanguage).toBe('JSONata');
    expect(JSON.stringify(definition)).not.toMatch(/"(InputPath|OutputPath|ResultPath|Parameters|[A-Za-z]+\.\$)":/);
  });

  it('names every state within the 80 characters of Step Functions', () => {
    expect(Object.keys(definition.States).filter((name) => name.length > 80)).toEqual([]);
  });

  it('hands every phase the run document, and the rollback what failed and whether the run was begun before', () => {
    for (const [name, task] of tasks) {
      expect((task.Arguments as { Payload: unknown }).Payload).toEqual({
        version: 1,
        runId: '{% $runId %}',
        results: '{% $results %}',
        memo: '{% $memo %}',
        ...(name === ROLLBACK
          ? { failure: '{% $failure %}', firstExecution: '{% $states.context.Execution.Name = $runId %}' }
          : {}),
      });
    }
  });

  it('invokes a function of its own for every phase', () => {
    expect(new Set(tasks.map(([, { Arguments }]) => (Arguments as { FunctionName: string }).FunctionName))).toEqual(
      new Set(Object.values(functions)),
    );
    expect(functions.switchover).toBe('arn:aws:lambda:local:000000000000:function:switchover');
  });
});

/** The sum of the waits of a retrier, when its jitter always takes the longest. */
function longestWait(retrier: Record<string, unknown> = {}): number {
  const { IntervalSeconds, BackoffRate, MaxDelaySeconds, MaxAttempts } = retrier as Record<string, number>;
  let sum = 0;
  let wait = IntervalSeconds ?? 0;
  for (let attempt = 0; attempt < (MaxAttempts ?? 0); attempt += 1) {
    sum += Math.min(wait, MaxDelaySeconds ?? wait);
    wait *= BackoffRate ?? 1;
  }
  return sum;
}
