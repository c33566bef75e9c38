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
  /** With `maxAttempts: 1`: only who asks knows whether production waits for the answer. */
  readonly route53: Route53Client;
  readonly hostedZoneId: string;
  readonly recordName: string;
  readonly ttlSeconds: number;
  readonly clock: Clock;
}

/** Between tries, "in intervals of increasing duration" (Route 53 API reference, PriorRequestNotComplete). */
const PAUSES_MS = [250, 500, 1_000, 2_000, 4_000];
/** A try that failed so slowly did not meet a busy Route 53 but no way to it, and the next one would take as long. */
const SLOW_MS = 2_000;
/** Production waits for it: a Route 53 that takes longer to accept a change is asked again when the side that serves accepts writes. */
const ACCEPTED_WITHIN_MS = 5_000;

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
    const answer = await this.insisting('ListResourceRecordSets', () =>
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

  async swap(to: Address, options?: { readonly onceWithinMs: number }): Promise<string> {
    const { hostedZoneId, recordName, ttlSeconds } = this.options;
    const command = new ChangeResourceRecordSetsCommand({
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
    });
    const { ChangeInfo } = await (options
      ? this.accepted(command, Math.min(options.onceWithinMs, ACCEPTED_WITHIN_MS))
      : this.insisting('ChangeResourceRecordSets', () => this.options.route53.send(command)));
    return ChangeInfo?.Id ?? '';
  }

  async settled(swapId: string): Promise<boolean> {
    const { ChangeInfo } = await this.insisting('GetChange', () =>
      this.options.route53.send(new GetChangeCommand({ Id: swapId })),
    );
    return ChangeInfo?.Status === 'INSYNC';
  }

  private accepted(command: ChangeResourceRecordSetsCommand, withinMs: number) {
    const abortSignal = AbortSignal.timeout(withinMs);
    return this.asked('ChangeResourceRecordSets', () =>
      this.options.route53.send(command, { abortSignal }).catch((error: unknown) => {
        throw abortSignal.aborted ? new Error(`it did not accept the change within ${withinMs} ms`) : error;
      }),
    );
  }

  private async insisting<Answer>(operation: string, send: () => Promise<Answer>): Promise<Answer> {
    const { clock } = this.options;
    for (const pauseMs of PAUSES_MS) {
      const askedMs = clock.now();
      try {
        return await this.asked(operation, send);
      } catch (error) {
        if (!(error instanceof TemporarilyUnavailable) || clock.now() - askedMs >= SLOW_MS) {
          throw error;
        }
      }
      await clock.sleep(pauseMs);
    }
    return this.asked(operation, send);
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
