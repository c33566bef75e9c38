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
  /**
   * Makes the endpoint lead to `to`. Idempotent. From then on {@link target} says so; clients find out later, each at its
   * own time, and nobody waits for that: the side they are still led to refuses their writes.
   *
   * @param options.onceWithinMs given while nobody may write: the service is asked once, for so long at most. Else what may
   *   pass is tried again for some seconds.
   * @returns by what {@link settled} knows it
   */
  swap(to: Address, options?: { readonly onceWithinMs: number }): Promise<string>;
  /** Whether nobody is led elsewhere any more, but by what resolvers remember. */
  settled(swapId: string): Promise<boolean>;
}

export function leadsTo(target: EndpointTarget | undefined, address: Address | undefined): boolean {
  return (
    target !== undefined &&
    address !== undefined &&
    target.host.toLowerCase() === address.host.toLowerCase() &&
    (target.port === undefined || target.port === address.port)
  );
}
