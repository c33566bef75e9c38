/** The shape of a checked state machine definition, every state knowing its query language. */
import type { JsonObject, JsonValue } from './json-value';

export type QueryLanguage = 'JSONata' | 'JSONPath';
export type StateType = 'Pass' | 'Task' | 'Choice' | 'Wait' | 'Succeed' | 'Fail' | 'Parallel' | 'Map';

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

/** What may give a state its output and variables: the state itself, a catcher, or a choice rule. */
export interface OutputFields {
  readonly Assign?: JsonObject;
  readonly Output?: JsonValue;
  readonly ResultPath?: string | null;
}

export interface Catcher extends OutputFields {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
}

export interface ChoiceRule extends OutputFields {
  readonly Condition: JsonValue;
  readonly Next: string;
}

/** A list of states with an entry: the machine itself, a branch of a Parallel, the processor of a Map. */
export interface StateBlock {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, StateDefinition>>;
}

export interface ItemProcessor extends StateBlock {
  readonly ProcessorConfig?: { readonly Mode?: 'INLINE' | 'DISTRIBUTED'; readonly ExecutionType?: string };
}

/** One state; which fields a type may carry is checked when the definition is loaded. */
export interface StateDefinition extends OutputFields {
  readonly Type: StateType;
  readonly QueryLanguage: QueryLanguage;
  readonly Next?: string;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly Arguments?: JsonValue;
  readonly Resource?: string;
  readonly TimeoutSeconds?: JsonValue;
  readonly HeartbeatSeconds?: JsonValue;
  readonly Choices?: readonly ChoiceRule[];
  readonly Default?: string;
  readonly Seconds?: JsonValue;
  readonly Timestamp?: JsonValue;
  readonly Error?: JsonValue;
  readonly Cause?: JsonValue;
  readonly Branches?: readonly StateBlock[];
  readonly Items?: JsonValue;
  readonly ItemSelector?: JsonValue;
  readonly ItemProcessor?: ItemProcessor;
  readonly MaxConcurrency?: JsonValue;
  readonly ToleratedFailureCount?: JsonValue;
  readonly ToleratedFailurePercentage?: JsonValue;
  readonly Result?: JsonValue;
  readonly Parameters?: JsonValue;
  readonly ResultSelector?: JsonValue;
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
  readonly ItemsPath?: string;
  readonly SecondsPath?: string;
  readonly TimestampPath?: string;
  readonly ErrorPath?: string;
  readonly CausePath?: string;
}
