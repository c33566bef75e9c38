/** The EndpointSwap port as a CNAME record in a private Route 53 hosted zone. */
import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { ControlPlaneRefused, TemporarilyUnavailable } from '../../core/errors';
import type { Address } from '../../core/run';
import type { Clock } from '../../ports/clock';
import type { EndpointSwap, EndpointTarget } from '../../ports/endpoint-swap';

export interface Route53EndpointOptions {
  readonly route53: Route53Client;
  readonly hostedZoneId: string;
  readonly recordName: string;
  readonly ttlSeconds: number;
  readonly clock: Clock;
}

/** A change is INSYNC "generally within 60 seconds" (Route 53 API reference, ChangeResourceRecordSets). */
const INSYNC_POLLS = 40;
const INSYNC_POLL_MS = 500;

/** Refusals that trying again does not change. Source: Route 53 API reference, common errors and those of the three operations. */
const FINAL = new Set([
  'NoSuchHostedZone',
  'InvalidChangeBatch',
  'InvalidInput',
  'NoSuchChange',
  'AccessDenied',
  'AccessDeniedException',
]);

export class Route53Endpoint implements EndpointSwap {
  constructor(private readonly options: Route53EndpointOptions) {}

  async target(): Promise<EndpointTarget | undefined> {
    const { route53, hostedZoneId, recordName } = this.options;
    const answer = await this.asked('ListResourceRecordSets', () =>
      route53.send(
        new ListResourceRecordSetsCommand({
          HostedZoneId: hostedZoneId,
          StartRecordName: recordName,
          StartRecordType: 'CNAME',
          MaxItems: 1,
        }),
      ),
    );
    const [record] = answer.ResourceRecordSets ?? [];
    const host = record?.ResourceRecords?.[0]?.Value;
    const found =
      record?.Type === 'CNAME' && record.Name !== undefined && withoutDot(record.Name) === withoutDot(recordName);
    return found && host !== undefined ? { host: withoutDot(host) } : undefined;
  }

  async swap(to: Address): Promise<void> {
    const { route53, hostedZoneId, recordName, ttlSeconds } = this.options;
    const answer = await this.asked('ChangeResourceRecordSets', () =>
      route53.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: hostedZoneId,
          ChangeBatch: {
            Changes: [
              {
                Action: 'UPSERT',
                ResourceRecordSet: {
                  Name: recordName,
                  Type: 'CNAME',
                  TTL: ttlSeconds,
                  ResourceRecords: [{ Value: to.host }],
                },
              },
            ],
          },
        }),
      ),
    );
    await this.insync(answer.ChangeInfo?.Id);
  }

  private async insync(id: string | undefined): Promise<void> {
    for (let poll = 0; poll < INSYNC_POLLS; poll++) {
      const answer = await this.asked('GetChange', () => this.options.route53.send(new GetChangeCommand({ Id: id })));
      if (answer.ChangeInfo?.Status === 'INSYNC') {
        return;
      }
      await this.options.clock.sleep(INSYNC_POLL_MS);
    }
    throw new TemporarilyUnavailable('Route 53', { cause: new Error(`change ${id} is not INSYNC yet`) });
  }

  private async asked<Answer>(operation: string, send: () => Promise<Answer>): Promise<Answer> {
    try {
      return await send();
    } catch (error) {
      if (error instanceof Error && FINAL.has(error.name)) {
        throw new ControlPlaneRefused(operation, error.name, { cause: error });
      }
      throw new TemporarilyUnavailable('Route 53', { cause: error });
    }
  }
}

function withoutDot(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
