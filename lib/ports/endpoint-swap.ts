/** The name under which the application reaches the database, and the one action that moves it. */
import type { Address } from '../core/run';

/** Where an endpoint leads. A DNS record knows no port. */
export interface EndpointTarget {
  readonly host: string;
  readonly port?: number;
}

/** Every method throws TemporarilyUnavailable when the service cannot be asked right now. */
export interface EndpointSwap {
  /** Where the endpoint leads now; undefined when it leads nowhere. */
  target(): Promise<EndpointTarget | undefined>;
  /** Makes the endpoint lead to `to`. Idempotent. */
  swap(to: Address): Promise<void>;
}

export function leadsTo(target: EndpointTarget | undefined, address: Address | undefined): boolean {
  return (
    target !== undefined &&
    address !== undefined &&
    target.host.toLowerCase() === address.host.toLowerCase() &&
    (target.port === undefined || target.port === address.port)
  );
}
