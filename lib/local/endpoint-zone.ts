/** The hosted zone of a local run: what is accepted is kept in the run's folder, what resolvers are answered leads the front. */
import type { Plan } from '../core/plan';
import type { Clock } from '../ports/clock';
import type { EndpointFront } from './front/endpoint-front';
import { addressOfLocalName, localName } from './local-names';
import { LocalRoute53 } from './route53/local-route53';
import { fullName, type RecordSet } from './route53/record-set';
import type { Route53Settings } from './route53/route53-settings';
import type { RunState } from './run-state';

export interface EndpointZoneOptions {
  readonly plan: Plan;
  readonly state: RunState;
  readonly front: EndpointFront;
  readonly clock: Clock;
  readonly settings: Partial<Route53Settings> | undefined;
}

/** @throws PortInUse */
export function serveEndpointZone({ plan, state, front, clock, settings }: EndpointZoneOptions): Promise<LocalRoute53> {
  const { hostedZoneId, recordName, ttlSeconds } = plan.endpoint;
  const name = fullName(recordName);
  const led = (records: readonly RecordSet[]) => {
    const record = records.find((each) => each.name === name && each.type === 'CNAME');
    return addressOfLocalName(record?.values[0] ?? '');
  };
  return LocalRoute53.serve({
    id: hostedZoneId,
    name: recordName.slice(recordName.indexOf('.') + 1),
    clock,
    settings,
    records: state.endpoint ? [{ name, type: 'CNAME', ttl: ttlSeconds, values: [localName(state.endpoint)] }] : [],
    onAccepted: async (records) => {
      const endpoint = led(records);
      if (endpoint) {
        await state.save({ endpoint });
      }
    },
    onAnswered: async (records) => {
      const target = led(records);
      if (target) {
        await front.setTarget(target);
      }
    },
  });
}
