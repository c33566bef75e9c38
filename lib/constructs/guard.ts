/** The guard: starts the recovery of a run whose execution ended where the workflow could not act any more. */
import { Match, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { OUTCOME_ERRORS } from '../workflow/endings';

/**
 * Watches executions that were stopped, timed out, or failed with an error the workflow did not end with itself.
 *
 * The recovery execution gets the event's `detail` as its input, unchanged: a template that puts the text of the old
 * input into new JSON would depend on how EventBridge escapes it. A recovery execution is recognised by its own input
 * (`executionArn` from here, `recover` by hand) and never guarded, so that one that is stopped stays stopped.
 *
 * Documented, and not tried on AWS: `detail` carries what DescribeExecution answers, thus `error` as a top-level
 * field, and `input` as text, left out when it is longer than 248 KB (the run id is then the execution's name).
 * Without `error` in the event, a FAILED execution would not be recovered; ABORTED and TIMED_OUT do not depend on it.
 */
export function guard(scope: Construct, id: string, stateMachine: IStateMachine): Rule {
  return new Rule(scope, id, {
    description: 'Starts the recovery of runs whose execution was stopped, timed out or broke off',
    eventPattern: {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: {
        stateMachineArn: [stateMachine.stateMachineArn],
        input: Match.anythingButWildcard('*"executionArn"*', '*"recover"*:*true*'),
        $or: [
          { status: ['ABORTED', 'TIMED_OUT'] },
          { status: ['FAILED'], error: Match.anythingBut(...Object.values(OUTCOME_ERRORS)) },
        ],
      },
    },
    targets: [new SfnStateMachine(stateMachine, { input: RuleTargetInput.fromEventPath('$.detail') })],
  });
}
