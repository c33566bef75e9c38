/** The network a run works in, as seen from where the function stands: which ways are open, and what the rules around them say. */
import type { Address } from '../core/run';
import type { Place } from '../core/security-groups';
import type { ApiWay, Obstruction } from '../core/ways';

/** Where an instance, or a function, has its place in the network. */
export interface Placement {
  readonly securityGroupIds: readonly string[];
  readonly subnetIds: readonly string[];
  /** Whether it has addresses of IPv6, too. */
  readonly dualStack: boolean;
}

export interface Network {
  /** Tries the way to every API the functions call, all at the same time; the call takes seconds at most. */
  apis(): Promise<readonly ApiWay[]>;
  /** What keeps a connection from being made; undefined where the other end answers, even with a refusal. */
  obstruction(address: Address): Promise<Obstruction | undefined>;
  /**
   * The rules and address ranges of a placement.
   *
   * @returns undefined where they may not, or cannot, be read
   */
  place(placement: Placement): Promise<Place | undefined>;
}
