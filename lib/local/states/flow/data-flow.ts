/** How data gets into a state and out of it; there is one implementation per query language. */
import type { MapItem } from '../branch';
import type { Catcher, ChoiceRule, OutputFields, StateDefinition } from '../definition';
import type { JsonObject, JsonValue } from '../json-value';
import type { Visit } from '../visit';

/** What a state hands on: its output, and the variables to set. */
export interface Yield {
  readonly output: JsonValue;
  readonly assigned?: JsonObject;
}

/** Fields that hold one value for the engine itself. */
export type ValueField = keyof Pick<
  StateDefinition,
  | 'Seconds'
  | 'Timestamp'
  | 'Error'
  | 'Cause'
  | 'TimeoutSeconds'
  | 'HeartbeatSeconds'
  | 'MaxConcurrency'
  | 'ToleratedFailureCount'
  | 'ToleratedFailurePercentage'
>;

export interface ResultOf {
  /** What the state's work came to; absent for states that do none. */
  readonly result?: JsonValue;
  /** Whose Assign and Output count, and where they stand in the state; the state's own by default. */
  readonly fields?: OutputFields;
  readonly location?: string;
}

export interface DataFlow {
  /** What the state's work is given. */
  arguments(visit: Visit): Promise<JsonValue>;
  /** The value of a field, or undefined when the state does not have it. */
  field(visit: Visit, name: ValueField, expected: 'number' | 'string'): Promise<JsonValue | undefined>;
  /** The items of a Map, whatever they are. */
  items(visit: Visit): Promise<JsonValue>;
  /** What one iteration of a Map is given. */
  itemInput(visit: Visit, item: MapItem): Promise<JsonValue>;
  condition(visit: Visit, rule: ChoiceRule, index: number): Promise<boolean>;
  /** What a state hands on after its work. */
  yielded(visit: Visit, of: ResultOf): Promise<Yield>;
  /** What a state hands on after a catcher took its failure. */
  caught(visit: Visit, catcher: Catcher, of: { index: number; errorOutput: JsonObject }): Promise<Yield>;
}
