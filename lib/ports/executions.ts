/** The executions of the plan's state machine, as the guard needs them. */
import type { SeenExecution } from '../core/guarding';
import type { World } from './world';

export interface Executions {
  /** Those that are under way, and those that ended since. */
  recent(sinceMs: number): Promise<readonly SeenExecution[]>;
  /** @returns whether it has begun, now or before and is under way with this input; false when the name was used up */
  start(name: string, input: object): Promise<boolean>;
}

/** Runs that were recovered, by the names of the executions that do it. */
export type Recovered = Readonly<Record<string, string>>;

/** @param ended an execution that has just ended, whatever a listing says of it by now */
export type Guard = (world: World, executions: Executions, ended?: SeenExecution) => Promise<Recovered>;
