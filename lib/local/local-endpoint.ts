/** The EndpointSwap port on the endpoint front: remembers its target in the run's folder, as a DNS zone would. */
import type { Address } from '../core/run';
import type { EndpointSwap, EndpointTarget } from '../ports/endpoint-swap';
import type { EndpointFront } from './front/endpoint-front';
import type { RunState } from './run-state';

export class LocalEndpoint implements EndpointSwap {
  constructor(
    private readonly front: EndpointFront,
    private readonly state: RunState,
  ) {}

  /** The truth, as a zone's own name servers tell it; clients of the front may be led elsewhere until the TTL is over. */
  async target(): Promise<EndpointTarget | undefined> {
    return this.state.endpoint;
  }

  async swap(to: Address): Promise<void> {
    await Promise.all([this.state.save({ endpoint: { host: to.host, port: to.port } }), this.front.setTarget(to)]);
  }
}
