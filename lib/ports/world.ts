/** Everything a phase may touch. */
import type { Plan } from '../core/plan';
import type { Progress } from '../core/progress';
import type { Address, Run } from '../core/run';
import type { Clock } from './clock';
import type { ControlPlane } from './control-plane';
import type { Database } from './database';
import type { EndpointSwap } from './endpoint-swap';

export interface World {
  readonly plan: Plan;
  readonly controlPlane: ControlPlane;
  readonly endpoint: EndpointSwap;
  readonly clock: Clock;
  /** The plan's database on the side that listens at `address`. Connections are made when needed and end with the invocation. */
  database(address: Address): Database;
}

/** A phase: looks at what exists, does what is missing, and says how far it is. */
export type Phase<Result> = (run: Run, world: World) => Promise<Progress<Result>>;
