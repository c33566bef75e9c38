import { type DescribedInstance, violatedByInstance } from '../../../lib/core/instance-guardrails';

const FINE: DescribedInstance = { identifier: 'orders-prod', awaitingReboot: [], tags: {} };
const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, '']));

it('lets an instance be that can be copied as it is', () => {
  expect(violatedByInstance(FINE)).toEqual([]);
});

it('refuses one tag more than a copy can get besides those of the run', () => {
  const ofOthers = { 'aws:cloudformation:stack-name': 'orders', 'bluegreen:run': 'an-earlier-run' };
  expect(violatedByInstance({ ...FINE, tags: { ...tags(46), ...ofOthers } })).toEqual([]);
  expect(violatedByInstance({ ...FINE, tags: tags(47) })).toEqual([
    '"orders-prod" has 47 tags; a copy gets them besides those of the run, and RDS takes 50 in all; remove 1 of them',
  ]);
});

it('refuses a password that RDS manages, and parameters that wait for a reboot, and says what to do', () => {
  const managedSecretArn = 'arn:aws:secretsmanager:eu-west-1:1:secret:rds!db-1';
  expect(violatedByInstance({ ...FINE, managedSecretArn, awaitingReboot: ['tuned'] })).toEqual([
    'parameter group "tuned" has values that "orders-prod" gets with its next reboot only, and green would have them from its first start on; reboot "orders-prod", or set them back',
    expect.stringMatching(
      /^RDS manages the password of "orders-prod"'s master user \(arn:aws:secretsmanager:eu-west-1:1:secret:rds!db-1\).*--no-manage-master-user-password/,
    ),
  ]);
});
