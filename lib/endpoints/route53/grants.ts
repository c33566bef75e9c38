/** Which rights what is needed of a record in Route 53 takes. */
import type { EndpointNeed } from '../../core/needs';
import type { GrantFor, GrantTarget } from '../../ports/grant';

const readEndpoint: GrantFor = (target) => [
  { actions: ['route53:ListResourceRecordSets'], resources: [hostedZone(target)] },
];

const watchEndpoint: GrantFor = ({ arn }) => [
  {
    actions: ['route53:GetChange'],
    resources: [arn({ service: 'route53', resource: 'change', name: '*', separator: '/', of: 'nobody' })],
    wildcard: 'Route 53 names a change when it accepts it; only its progress can be read',
  },
];

const swapEndpoint: GrantFor = (target) => [
  {
    actions: ['route53:ChangeResourceRecordSets'],
    resources: [hostedZone(target)],
    conditions: {
      'ForAllValues:StringEquals': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': [target.plan.endpoint.recordName],
        'route53:ChangeResourceRecordSetsRecordTypes': ['CNAME'],
        'route53:ChangeResourceRecordSetsActions': ['UPSERT'],
      },
    },
  },
];

export const ROUTE53_GRANTS: Readonly<Record<EndpointNeed, GrantFor>> = { readEndpoint, watchEndpoint, swapEndpoint };

function hostedZone({ plan, arn }: GrantTarget): string {
  return arn({
    service: 'route53',
    resource: 'hostedzone',
    name: plan.endpoint.hostedZoneId,
    separator: '/',
    of: 'nobody',
  });
}
