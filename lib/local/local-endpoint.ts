/** The EndpointSwap port in a local run: the adapter for Route 53, with the names that instances on this machine have in DNS. */
import type { Address } from '../core/run';
import type { EndpointSwap, EndpointTarget } from '../ports/endpoint-swap';
import { addressOfLocalName, localName } from './local-names';

export class LocalEndpoint implements EndpointSwap {
  constructor(private readonly dns: EndpointSwap) {}

  async target(): Promise<EndpointTarget | undefined> {
    const target = await this.dns.target();
    return target && (addressOfLocalName(target.host) ?? target);
  }

  swap(to: Address, options?: { readonly onceWithinMs: number }): Promise<string> {
    return this.dns.swap({ ...to, host: localName(to) }, options);
  }

  settled(swapId: string): Promise<boolean> {
    return this.dns.settled(swapId);
  }
}
