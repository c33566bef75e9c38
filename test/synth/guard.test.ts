/** What calls the guard, which events it is told of, and where what it could not do is kept. */
import { planFixture } from '../support/plan-fixture';
import { withStack } from '../support/synthesized-stack';

const template = withStack(planFixture(), (synthesized) => synthesized.template);
const all = (type: string) => Object.values(template.findResources(type)).map(({ Properties }) => Properties);
const rules = all('AWS::Events::Rule');
const ended = rules.find(({ EventPattern }) => EventPattern);
const sweep = rules.find(({ ScheduleExpression }) => ScheduleExpression);
const [queueId = ''] = Object.keys(template.findResources('AWS::SQS::Queue'));
const GUARD = { 'Fn::GetAtt': [expect.stringMatching(/^MigrationguardFunction/), 'Arn'] };
const QUEUE = { 'Fn::GetAtt': [queueId, 'Arn'] };

interface Pattern {
  readonly $or: readonly {
    readonly status: readonly string[];
    readonly error?: readonly [{ readonly 'anything-but': readonly string[] }];
  }[];
}

interface Ended {
  readonly status: string;
  readonly error?: string;
  readonly input: string;
}

describe('the guard', () => {
  it('is called when an execution has ended, and every five minutes whatever was delivered', () => {
    expect(rules).toHaveLength(2);
    expect(sweep?.ScheduleExpression).toBe('rate(5 minutes)');
    for (const rule of rules) {
      expect(rule.Targets).toEqual([expect.objectContaining({ Arn: GUARD, DeadLetterConfig: { Arn: QUEUE } })]);
    }
  });

  it('leaves what could not be delivered, and what it could not do, in an encrypted queue that raises an alarm', () => {
    expect(all('AWS::SQS::Queue')).toEqual([
      expect.objectContaining({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 }),
    ]);
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queueId, 'QueueName'] } }],
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  it('is told of executions that were stopped, timed out, or failed with an error that is no outcome', () => {
    expect(ended?.EventPattern).toEqual({
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: {
        stateMachineArn: [{ Ref: expect.stringMatching(/StateMachine/) }],
        $or: [
          { status: ['ABORTED', 'TIMED_OUT'] },
          { status: ['FAILED'], error: [{ 'anything-but': ['RolledBack', 'FailedBack', 'NeedsAttention'] }] },
        ],
      },
    });
  });

  it.each<[string, Ended]>([
    ['a run that was stopped', { status: 'ABORTED', input: '{}' }],
    ['one whose input says that it is no recovery', { status: 'ABORTED', input: '{"recover":false,"rehearse":true}' }],
    ['one whose input says that it is one', { status: 'ABORTED', input: '{"executionArn":"x","recover":true}' }],
    ['a failback that timed out', { status: 'TIMED_OUT', input: '{ "runId": "r", "failback": true }' }],
    ['a failback that broke off', { status: 'FAILED', error: 'States.Runtime', input: '{"failback":true}' }],
  ])('is told of %s', (_what, execution) => {
    expect(matches(execution)).toBe(true);
  });

  it.each<[string, Ended]>([
    ['a failback that ended as it should', { status: 'FAILED', error: 'FailedBack', input: '{"failback":true}' }],
    ['a run that was rolled back', { status: 'FAILED', error: 'RolledBack', input: '{}' }],
    ['a run that needs attention', { status: 'FAILED', error: 'NeedsAttention', input: '{}' }],
    ['a run that migrated', { status: 'SUCCEEDED', input: '{}' }],
  ])('is not told of %s', (_what, execution) => {
    expect(matches(execution)).toBe(false);
  });
});

/** Whether the pattern matches, as EventBridge documents patterns: every field has to, and one of the alternatives. */
function matches({ status, error }: Ended): boolean {
  const { $or: alternatives }: Pattern = ended?.EventPattern.detail ?? { $or: [] };
  return alternatives.some(
    (one) =>
      one.status.includes(status) &&
      (one.error === undefined || (error !== undefined && !one.error[0]['anything-but'].includes(error))),
  );
}
