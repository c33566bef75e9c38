/** The arrows: which phase follows which, and where a run goes when one fails. */
import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Choice, Condition, type IChainable, Pass } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { FORWARD_PHASES, type PhaseName } from '../core/phases';
import type { Plan } from '../core/plan';
import { VALIDATION_FAILED } from '../core/verdict';
import { failedBack, migrated, needsAttention, noBlue, recoveryFailed, rehearsed, rolledBack } from './endings';
import * as expressions from './expressions';
import { phaseFragment } from './phase-fragment';
import * as names from './state-names';

const { jsonata } = expressions;

export type PhaseFunctions = Readonly<Record<PhaseName, IFunction>>;

/** Time for what the plan does not bound: every retry of every phase, the deletion of blue and its final snapshot. */
const SLACK_SECONDS = 86_400;

/** A year, less a day for the recovery to be noticed. Source: Step Functions developer guide, quotas. */
const LONGEST_EXECUTION_SECONDS = 364 * 86_400;

/** Characters kept of the beginning and the end of a message that is too long to travel with the run. */
const HEAD = 3_000;
const TAIL = 1_000;

/** Variables of a phase that begins: it was told nothing yet, and has not waited. */
const BEGINNING = { memo: {}, waitingSince: 0 };

/** What the switchover makes of its pauses: they begin with a minute and grow threefold, and no wait exceeds a day. */
const FIRST_PAUSE_SECONDS = 60;
const PAUSE_GROWTH = 3;
const LONGEST_WAIT_SECONDS = 86_400;

/** After this an execution is ended by Step Functions, and the guard recovers the run. */
export function executionTimeout({ sync, freeze, follow, switchover, bake }: Plan): Duration {
  const together = sync === 'freeze' ? freeze.timeoutSeconds : follow.timeoutSeconds;
  const moving = switchover.attempts * switchover.timeoutSeconds + pausesBetween(switchover.attempts);
  return Duration.seconds(Math.min(together + moving + bake.seconds + SLACK_SECONDS, LONGEST_EXECUTION_SECONDS));
}

function pausesBetween(attempts: number): number {
  let sum = 0;
  for (let pause = 0; pause < attempts - 1; pause += 1) {
    sum += Math.min(FIRST_PAUSE_SECONDS * PAUSE_GROWTH ** pause, LONGEST_WAIT_SECONDS);
  }
  return sum;
}

/**
 * The states of a run.
 *
 * @returns the state it starts in
 */
export function workflow(scope: Construct, functions: PhaseFunctions): IChainable {
  const end = migrated(scope);
  const attention = needsAttention(scope);
  const failback = failbackStates(scope, functions.failback, attention);
  const rollback = rollbackStates(scope, functions.rollback, { end, failback, attention });
  const forward = forwardStates(scope, functions, { end, rollback });
  const start = Pass.jsonata(scope, names.START, {
    assign: {
      runId: jsonata(expressions.RUN_ID),
      rehearse: jsonata(expressions.IS_REHEARSAL),
      results: {},
      ...BEGINNING,
    },
  });
  const isRecovery = Choice.jsonata(scope, names.IS_RECOVERY)
    .when(Condition.jsonata(jsonata(expressions.IS_RECOVERY)), rollback, {
      assign: { failure: { phase: 'abort', error: 'Aborted', message: jsonata(expressions.ABORT_MESSAGE) } },
    })
    .when(Condition.jsonata(jsonata(expressions.IS_FAILBACK)), failback, {
      assign: {
        failure: { phase: 'failback', error: FAILBACK_REQUESTED, message: 'the failback was started by hand' },
      },
    })
    .otherwise(forward);
  return start.next(isRecovery);
}

/** The reason of a run that was moved back because somebody wanted it. */
const FAILBACK_REQUESTED = 'FailbackRequested';

/** Built from the last phase to the first, because a state has to exist before another can lead to it. */
function forwardStates(
  scope: Construct,
  functions: PhaseFunctions,
  { end, rollback }: { readonly end: IChainable; readonly rollback: IChainable },
): IChainable {
  let next = end;
  let switchover = next;
  for (const phase of FORWARD_PHASES.toReversed()) {
    next = phaseFragment(scope, {
      phase,
      handler: functions[phase],
      onDone: afterPhase(scope, phase, { next, switchover, rollback }),
      doneAssign: { results: jsonata(expressions.resultsWith(phase)), ...BEGINNING },
      onFailure: rollback,
      failureAssign: { failure: caughtIn(phase), ...BEGINNING },
    });
    switchover = phase === 'switchover' ? next : switchover;
  }
  return next;
}

interface Ways {
  readonly next: IChainable;
  readonly switchover: IChainable;
  readonly rollback: IChainable;
}

/** Where a phase that is done leads: to the next one, except where its result decides. */
function afterPhase(scope: Construct, phase: PhaseName, { next, switchover, rollback }: Ways): IChainable {
  switch (phase) {
    case 'prepare':
      return Choice.jsonata(scope, names.HAS_MOVED_ALREADY)
        .when(Condition.jsonata(jsonata(expressions.HAS_MOVED_ALREADY)), switchover)
        .otherwise(next);
    case 'validate':
      return afterVerdict(scope, { next, rollback });
    default:
      return next;
  }
}

/** Every arrow to the rollback goes through a state of its own, which says why. */
function afterVerdict(scope: Construct, { next, rollback }: Pick<Ways, 'next' | 'rollback'>): IChainable {
  const because = (name: string, error: string) =>
    Pass.jsonata(scope, name, {
      assign: {
        failure: { phase: 'validate', error, message: jsonata(expressions.verdictMessage(HEAD, TAIL)) },
      },
    }).next(rollback);
  const isRehearsal = Choice.jsonata(scope, names.IS_REHEARSAL)
    .when(
      Condition.jsonata(jsonata(expressions.IS_TO_REHEARSE)),
      because(names.REHEARSAL_IS_OVER, expressions.REHEARSED),
    )
    .otherwise(next);
  return Choice.jsonata(scope, names.IS_PROVED)
    .when(Condition.jsonata(jsonata(expressions.IS_PROVED)), isRehearsal)
    .otherwise(because(names.NOT_PROVED, VALIDATION_FAILED));
}

interface Endings {
  readonly end: IChainable;
  readonly failback: IChainable;
  readonly attention: IChainable;
}

function rollbackStates(scope: Construct, handler: IFunction, { end, failback, attention }: Endings): IChainable {
  const howDidItEnd = Choice.jsonata(scope, names.HOW_DID_ROLLBACK_END)
    .when(Condition.jsonata(jsonata(expressions.IS_REHEARSED)), rehearsed(scope))
    .when(Condition.jsonata(jsonata(expressions.IS_MIGRATED)), end)
    .when(Condition.jsonata(jsonata(expressions.IS_ROLLED_BACK)), rolledBack(scope))
    .when(Condition.jsonata(jsonata(expressions.IS_TO_FAIL_BACK)), failback, { assign: BEGINNING })
    .when(Condition.jsonata(jsonata(expressions.IS_WITHOUT_BLUE)), noBlue(scope))
    .otherwise(attention);
  return phaseFragment(scope, {
    phase: 'rollback',
    handler,
    onDone: howDidItEnd,
    onFailure: recoveryFailed(scope, names.ROLLBACK_FAILED),
    failureAssign: { recoveryFailure: caughtInRecovery() },
    payload: { failure: jsonata('$failure'), firstExecution: jsonata(expressions.IS_FIRST_EXECUTION) },
  });
}

function failbackStates(scope: Construct, handler: IFunction, attention: IChainable): IChainable {
  const howDidItEnd = Choice.jsonata(scope, names.HOW_DID_FAILBACK_END)
    .when(Condition.jsonata(jsonata(expressions.IS_FAILED_BACK)), failedBack(scope))
    .otherwise(attention);
  return phaseFragment(scope, {
    phase: 'failback',
    handler,
    onDone: howDidItEnd,
    onFailure: recoveryFailed(scope, names.FAILBACK_FAILED),
    failureAssign: { recoveryFailure: caughtInRecovery() },
  });
}

/** The tail holds the commands that finish the rollback by hand, some 1,500 characters and 1,200 more for each database. */
function caughtInRecovery(): Record<string, string> {
  return {
    error: jsonata(expressions.CAUGHT_ERROR),
    message: jsonata(expressions.caughtMessage(1_000, 14_000)),
  };
}

function caughtIn(phase: PhaseName): Record<string, string> {
  return {
    phase,
    error: jsonata(expressions.CAUGHT_ERROR),
    message: jsonata(expressions.caughtMessage(HEAD, TAIL)),
  };
}
