/** Everything a phase may touch. */
import type { ByHand } from '../core/by-hand';
import type { Plan } from '../core/plan';
import type { Progress } from '../core/progress';
import type { Address, Run } from '../core/run';
import type { Alarms } from './alarms';
import type { Clock } from './clock';
import type { ControlPlane } from './control-plane';
import type { Database } from './database';
import type { EndpointSwap } from './endpoint-swap';
import type { Network } from './network';

export interface World {
  readonly plan: Plan;
  /** The one that is migrated, as RDS names it. */
  readonly engine: string;
  readonly controlPlane: ControlPlane;
  readonly endpoint: EndpointSwap;
  readonly clock: Clock;
  /**
   * A database on the side that listens at `address`. Connections are made when needed and end with the invocation.
   *
   * @param name @default the plan's `blue.database`
   */
  database(address: Address, name?: string): Database;
  /** What a human does where the run cannot. */
  readonly byHand: ByHand;
  readonly alarms: Alarms;
  readonly network: Network;
  /** Milliseconds this invocation still has to do something and to answer; real ones, whatever the clock shows. */
  remainingMs(): number;
}

/** A phase: looks at what exists, does what is missing, and says how far it is. */
export type Phase<Result> = (run: Run, world: World) => Promise<Progress<Result>>;
