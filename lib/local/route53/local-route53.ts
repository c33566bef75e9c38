/** A small Route 53 on 127.0.0.1 for one account with one private hosted zone: REST with XML, and AWS's delays and limits. */
import { randomUUID } from 'node:crypto';
import { type EndpointRequest, type EndpointResponse, type HttpEndpoint, serveHttp } from '../http/http-endpoint';
import { HostedZone, type HostedZoneOptions } from './hosted-zone';
import { answerOf } from './operations';
import { RequestRate } from './request-rate';
import { faultResponse, successResponse } from './rest-envelope';
import { Route53Fault } from './route53-fault';
import { ROUTE53_DEFAULTS, type Route53Settings } from './route53-settings';

export interface LocalRoute53Options extends Omit<HostedZoneOptions, 'settings'> {
  readonly settings?: Partial<Route53Settings> | undefined;
  /** @default any free port */
  readonly port?: number;
}

export class LocalRoute53 {
  private constructor(
    /** Read at each request, so that an outage can begin and end. */
    readonly settings: Route53Settings,
    readonly zone: HostedZone,
    private readonly rate: RequestRate,
  ) {}

  private endpoint: HttpEndpoint | undefined;

  /** @throws PortInUse */
  static async serve({ settings, port, ...options }: LocalRoute53Options): Promise<LocalRoute53> {
    const all = { ...ROUTE53_DEFAULTS, ...settings };
    const zone = new HostedZone({ ...options, settings: all });
    const route53 = new LocalRoute53(all, zone, new RequestRate(options.clock));
    route53.endpoint = await serveHttp({
      ...(port !== undefined && { port }),
      name: 'The local Route 53 endpoint',
      answer: (request) => route53.answer(request),
    });
    return route53;
  }

  get url(): string {
    return this.endpoint?.url ?? '';
  }

  async close(): Promise<void> {
    this.zone.close();
    await this.endpoint?.close();
  }

  private async answer(request: EndpointRequest): Promise<EndpointResponse> {
    const requestId = randomUUID();
    try {
      if (!this.rate.admits(this.settings.requestsPerSecond)) throw new Route53Fault('Throttling', 'Rate exceeded');
      const [operation, result] = await answerOf(this.zone, request);
      return successResponse(operation, result, requestId);
    } catch (error) {
      return faultResponse(asFault(error), requestId);
    }
  }
}

function asFault(error: unknown): Route53Fault {
  if (error instanceof Route53Fault) return error;
  return new Route53Fault('InternalFailure', String(error instanceof Error ? error.stack : error), { cause: error });
}
