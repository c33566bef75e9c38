/** What a human does with the record where a run could not. */
import type { EndpointByHand } from '../../core/by-hand';
import type { PlanSettings } from '../../core/plan';

export function route53ByHand({ hostedZoneId, recordName, ttlSeconds }: PlanSettings['endpoint']): EndpointByHand {
  return {
    leadTo: (identifier) => {
      const ResourceRecords = [{ Value: `<address of ${identifier}>` }];
      const record = { Name: recordName, Type: 'CNAME', TTL: ttlSeconds, ResourceRecords };
      const batch = { Changes: [{ Action: 'UPSERT', ResourceRecordSet: record }] };
      return `aws route53 change-resource-record-sets --hosted-zone-id ${hostedZoneId} --change-batch '${JSON.stringify(batch)}'`;
    },
  };
}
