/** The arrows: which phase follows which, and where a run goes when one fails. */
import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Choice, Condition, type IChainable, Pass } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { FORWARD_PHASES, type PhaseName } from '../core/phases';
import type { Plan } from '../core/plan';
import { VALIDATION_FAILED } from '../core/verdict';
import { migrated, needsAttention, rehearsed, rollbackFailed, rolledBack } from './endings';
import * as expressions from './expressions';
import { phaseFragment } from './phase-fragment';
import * as names from './state-names';

const { jsonata } = expressions;

export type PhaseFunctions = Readonly<Record<PhaseName, IFunction>>;

/** Time for what the plan does not bound: every retry of every phase, the deletion of blue and its final snapshot. */
const SLACK_SECONDS = 86_400;

/** Characters kept of the beginning and the end of a message that is too long to travel with the run. */
const HEAD = 3_000;
const TAIL = 1_000;

/** After this an execution is ended by Step Functions, and the guard recovers the run. */
export function executionTimeout({ freeze, switchover, bake }: Plan): Duration {
  return Duration.seconds(freeze.timeoutSeconds + switchover.timeoutSeconds + bake.seconds + SLACK_SECONDS);
}

/**
 * The states of a run.
 *
 * @returns the state it starts in
 */
export function workflow(scope: Construct, functions: PhaseFunctions): IChainable {
  const end = migrated(scope);
  const rollback = rollbackStates(scope, functions.rollback, end);
  const forward = forwardStates(scope, functions, { end, rollback });
  const start = Pass.jsonata(scope, names.START, {
    assign: {
      runId: jsonata(expressions.RUN_ID),
      rehearse: jsonata(expressions.IS_REHEARSAL),
      results: {},
      memo: {},
    },
  });
  const isRecovery = Choice.jsonata(scope, names.IS_RECOVERY)
    .when(Condition.jsonata(jsonata(expressions.IS_RECOVERY)), rollback, {
      assign: { failure: { phase: 'abort', error: 'Aborted', message: jsonata(expressions.ABORT_MESSAGE) } },
    })
    .otherwise(forward);
  return start.next(isRecovery);
}

/** Built from the last phase to the first, because a state has to exist before another can lead to it. */
function forwardStates(
  scope: Construct,
  functions: PhaseFunctions,
  { end, rollback }: { readonly end: IChainable; readonly rollback: IChainable },
): IChainable {
  let next = end;
  let bake = next;
  for (const phase of FORWARD_PHASES.toReversed()) {
    next = phaseFragment(scope, {
      phase,
      handler: functions[phase],
      onDone: afterPhase(scope, phase, { next, bake, rollback }),
      doneAssign: { results: jsonata(expressions.resultsWith(phase)), memo: {} },
      onFailure: rollback,
      failureAssign: { failure: caughtIn(phase), memo: {} },
    });
    bake = phase === 'bake' ? next : bake;
  }
  return next;
}

interface Ways {
  readonly next: IChainable;
  readonly bake: IChainable;
  readonly rollback: IChainable;
}

/** Where a phase that is done leads: to the next one, except where its result decides. */
function afterPhase(scope: Construct, phase: PhaseName, { next, bake, rollback }: Ways): IChainable {
  switch (phase) {
    case 'prepare':
      return Choice.jsonata(scope, names.HAS_MOVED_ALREADY)
        .when(Condition.jsonata(jsonata(expressions.HAS_MOVED_ALREADY)), bake)
        .otherwise(next);
    case 'validate':
      return Choice.jsonata(scope, names.IS_PROVED, {
        assign: {
          failure: { phase, error: VALIDATION_FAILED, message: jsonata(expressions.verdictMessage(HEAD, TAIL)) },
        },
      })
        .when(Condition.jsonata(jsonata(expressions.IS_PROVED)), next)
        .when(Condition.jsonata(jsonata(expressions.IS_PROVED_REHEARSAL)), rollback, {
          assign: {
            failure: { phase, error: expressions.REHEARSED, message: jsonata(expressions.verdictMessage(HEAD, TAIL)) },
          },
        })
        .otherwise(rollback);
    default:
      return next;
  }
}

function rollbackStates(scope: Construct, handler: IFunction, end: IChainable): IChainable {
  const howDidItEnd = Choice.jsonata(scope, names.HOW_DID_ROLLBACK_END)
    .when(Condition.jsonata(jsonata(expressions.IS_REHEARSED)), rehearsed(scope))
    .when(Condition.jsonata(jsonata(expressions.IS_MIGRATED)), end)
    .when(Condition.jsonata(jsonata(expressions.IS_ROLLED_BACK)), rolledBack(scope))
    .otherwise(needsAttention(scope));
  return phaseFragment(scope, {
    phase: 'rollback',
    handler,
    onDone: howDidItEnd,
    onFailure: rollbackFailed(scope),
    // The tail holds the commands that finish the rollback by hand.
    failureAssign: {
      rollbackFailure: {
        error: jsonata(expressions.CAUGHT_ERROR),
        message: jsonata(expressions.caughtMessage(1_000, 3_000)),
      },
    },
    payload: { failure: jsonata('$failure') },
  });
}

function caughtIn(phase: PhaseName): Record<string, string> {
  return {
    phase,
    error: jsonata(expressions.CAUGHT_ERROR),
    message: jsonata(expressions.caughtMessage(HEAD, TAIL)),
  };
}
