/** The one fragment every phase is made of: task, done?, wait, task again; or many at the same time, task again. */
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Choice,
  Condition,
  Errors,
  type IChainable,
  Map as MapState,
  ProvideItems,
  TaskInput,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { PHASE_ROWS, type PhaseName } from '../core/phases';
import * as expressions from './expressions';
import { retriers } from './retry-policy';

const { jsonata } = expressions;

export interface PhaseFragmentProps {
  readonly phase: PhaseName;
  readonly handler: IFunction;
  /** Where a run goes when the phase is done. */
  readonly onDone: IChainable;
  /** Variables set on the way there. */
  readonly doneAssign?: Record<string, unknown>;
  /** Where it goes when the phase failed and trying again is over. */
  readonly onFailure: IChainable;
  /** Variables set on the way there. */
  readonly failureAssign: Record<string, unknown>;
  /** What the phase is told besides the run document all phases get. */
  readonly payload?: Record<string, unknown>;
}

/**
 * Adds the states of one phase.
 *
 * @returns the state that enters it
 */
export function phaseFragment(scope: Construct, props: PhaseFragmentProps): LambdaInvoke {
  const { phase } = props;
  const { sentence, isDone, wait, ownPace, workers } = PHASE_ROWS[phase];
  const task = phaseTask(scope, sentence, props);
  task.addCatch(props.onFailure, { errors: [Errors.ALL], assign: props.failureAssign });
  const waiting = Wait.jsonata(scope, wait, {
    time: WaitTime.seconds(jsonata(ownPace ? expressions.WAIT_SECONDS : expressions.PACED_WAIT_SECONDS)),
    assign: { memo: jsonata(expressions.MEMO), waitingSince: jsonata(expressions.WAITING_SINCE) },
  });
  const choice = Choice.jsonata(scope, isDone)
    .when(
      Condition.jsonata(jsonata(expressions.IS_DONE)),
      props.onDone,
      props.doneAssign ? { assign: props.doneAssign } : {},
    )
    .otherwise(waiting);
  if (workers) {
    const map = workersOf(scope, workers, props);
    choice.when(Condition.jsonata(jsonata(expressions.HAS_WORKERS)), map, {
      assign: { memo: jsonata(expressions.MEMO) },
    });
    map.next(task);
  }
  waiting.next(task);
  task.next(choice);
  return task;
}

function phaseTask(scope: Construct, name: string, { phase, handler, payload }: PhaseFragmentProps): LambdaInvoke {
  const task = LambdaInvoke.jsonata(scope, name, {
    lambdaFunction: handler,
    payload: TaskInput.fromObject({
      version: 1,
      runId: jsonata('$runId'),
      results: jsonata('$results'),
      memo: jsonata('$memo'),
      ...payload,
    }),
    outputs: jsonata(expressions.TASK_OUTPUT),
    // The Retry list below names Lambda's own failures as well; CDK's second list would hide what really happens.
    retryOnServiceExceptions: false,
  });
  for (const retrier of retriers(phase)) {
    task.addRetry(retrier);
  }
  return task;
}

/** What the workers find is kept where all of them look, so their answers are dropped: they would fill the payload. */
function workersOf(
  scope: Construct,
  { map: name, task }: { readonly map: string; readonly task: string },
  props: PhaseFragmentProps,
): MapState {
  const map = MapState.jsonata(scope, name, {
    items: ProvideItems.jsonata(jsonata(expressions.WORKERS)),
    outputs: {},
  });
  map.itemProcessor(
    phaseTask(scope, task, { ...props, payload: { ...props.payload, worker: jsonata('$states.input') } }),
  );
  map.addCatch(props.onFailure, { errors: [Errors.ALL], assign: props.failureAssign });
  return map;
}
