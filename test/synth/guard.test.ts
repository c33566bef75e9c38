/** Which executions the guard recovers, and how. */
import { planFixture } from '../support/plan-fixture';
import { withStack } from '../support/synthesized-stack';

const [rule] = withStack(planFixture(), ({ template }) =>
  Object.values(template.findResources('AWS::Events::Rule')).map(({ Properties }) => Properties),
);

interface Ended {
  readonly status: string;
  readonly error?: string;
  readonly input: string;
}

describe('the guard', () => {
  it('starts the same state machine with the event of the execution that ended', () => {
    expect(rule.Targets).toEqual([
      expect.objectContaining({ Arn: { Ref: expect.stringMatching(/StateMachine/) }, InputPath: '$.detail' }),
    ]);
  });

  it('watches executions that were stopped, timed out, or failed with an error that is no outcome, and never recoveries', () => {
    expect(rule.EventPattern).toEqual({
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: {
        stateMachineArn: [{ Ref: expect.stringMatching(/StateMachine/) }],
        input: [{ 'anything-but': { wildcard: ['*"executionArn"*', '*"recover"*:*true*'] } }],
        $or: [
          { status: ['ABORTED', 'TIMED_OUT'] },
          { status: ['FAILED'], error: [{ 'anything-but': ['RolledBack', 'FailedBack', 'NeedsAttention'] }] },
        ],
      },
    });
  });

  it.each<[string, Ended]>([
    ['a run that was stopped', { status: 'ABORTED', input: '{}' }],
    ['a failback that was stopped', { status: 'ABORTED', input: '{"runId":"r","failback":true}' }],
    ['a failback that timed out', { status: 'TIMED_OUT', input: '{ "runId": "r", "failback": true }' }],
    ['a failback that broke off', { status: 'FAILED', error: 'States.Runtime', input: '{"failback":true}' }],
  ])('recovers %s', (_what, ended) => {
    expect(watches(ended)).toBe(true);
  });

  it.each<[string, Ended]>([
    ['a failback that ended as it should', { status: 'FAILED', error: 'FailedBack', input: '{"failback":true}' }],
    ['a run that was rolled back', { status: 'FAILED', error: 'RolledBack', input: '{}' }],
    ['a run that needs attention', { status: 'FAILED', error: 'NeedsAttention', input: '{}' }],
    ['a run that migrated', { status: 'SUCCEEDED', input: '{}' }],
    ['a recovery by hand that was stopped', { status: 'ABORTED', input: '{"runId":"r","recover":true}' }],
    [
      'the recovery of a failback that was stopped itself',
      { status: 'ABORTED', input: '{"executionArn":"arn","input":"{\\"failback\\":true}"}' },
    ],
  ])('leaves %s alone', (_what, ended) => {
    expect(watches(ended)).toBe(false);
  });
});

/** Whether the pattern matches, as EventBridge documents patterns: every field has to, and one of the alternatives. */
function watches({ status, error, input }: Ended): boolean {
  const { input: inputs, $or: alternatives } = rule.EventPattern.detail as {
    readonly input: readonly [{ readonly 'anything-but': { readonly wildcard: readonly string[] } }];
    readonly $or: readonly {
      readonly status: readonly string[];
      readonly error?: readonly [{ readonly 'anything-but': readonly string[] }];
    }[];
  };
  return (
    !inputs[0]['anything-but'].wildcard.some((pattern) => wildcard(pattern).test(input)) &&
    alternatives.some(
      (one) =>
        one.status.includes(status) &&
        (one.error === undefined || (error !== undefined && !one.error[0]['anything-but'].includes(error))),
    )
  );
}

function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/\W/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
