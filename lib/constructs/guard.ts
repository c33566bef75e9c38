/** The guard: looks for runs that nothing works on any more, when an execution has ended and every few minutes. */
import { ArnFormat, Duration, Validations } from 'aws-cdk-lib';
import { type Alarm, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Match, Rule, type RuleProps, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { Function as GuardFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { OUTCOME_ERRORS } from '../core/outcomes';
import { grantTo } from './grant';

/** So long a freeze whose run is gone is not seen, when EventBridge did not tell. */
const SWEEP_EVERY = Duration.minutes(5);

export interface GuardProps {
  readonly stateMachine: StateMachine;
  readonly function: GuardFunction;
}

/**
 * Both rules call the same function, which decides by what it finds and not by what it is told. EventBridge delivers as
 * well as it can, so the schedule finds what was not delivered; what the function could not do is kept, and raises the alarm.
 *
 * The pattern asks how an execution ended, and nothing about its input: no input hides an execution.
 */
export class Guard extends Construct {
  /** Somebody has to look: the guard failed, or could not be called, or recovered a run several times in vain. */
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, { stateMachine, function: guard }: GuardProps) {
    super(scope, id);
    const deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'this is the dead-letter queue of two rules and a function, which the rule does not see',
    });
    guard.addEnvironment('STATE_MACHINE_ARN', stateMachine.stateMachineArn);
    guard.configureAsyncInvoke({ onFailure: new SqsDestination(deadLetters), retryAttempts: 2 });
    const rule = (name: string, props: RuleProps) =>
      new Rule(this, name, { ...props, targets: [new LambdaFunction(guard, { deadLetterQueue: deadLetters })] });
    rule('Ended', {
      description: 'Tells the guard of executions that were stopped, timed out or broke off',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [stateMachine.stateMachineArn],
          $or: [
            { status: ['ABORTED', 'TIMED_OUT'] },
            { status: ['FAILED'], error: Match.anythingBut(...Object.values(OUTCOME_ERRORS)) },
          ],
        },
      },
    });
    rule('Sweep', {
      description: 'Lets the guard look for runs that nothing works on any more',
      schedule: Schedule.rate(SWEEP_EVERY),
    });
    this.alarm = deadLetters.metricApproximateNumberOfMessagesVisible().createAlarm(this, 'Alarm', {
      alarmDescription: 'The guard of a migration could not do its work; the dead letters say why',
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    letGuard(guard.role as Role, stateMachine);
  }
}

/** It reads executions of this state machine, and starts new ones. */
function letGuard(role: Role, { stateMachineArn, stateMachineName, stack }: StateMachine): void {
  grantTo(role, { actions: ['states:ListExecutions', 'states:StartExecution'], resources: [stateMachineArn] });
  grantTo(role, {
    actions: ['states:DescribeExecution'],
    resources: [
      stack.formatArn({
        service: 'states',
        resource: 'execution',
        resourceName: `${stateMachineName}:*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    ],
    wildcard: 'executions of exactly this state machine, whose names are not known before they are started',
  });
}
