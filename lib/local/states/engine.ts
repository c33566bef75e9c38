/** What every execution gets from outside: time, randomness, the workers, the tokens. */
import type { Clock } from '../../ports/clock';
import type { JsonValue } from './json-value';
import type { JsonataEvaluator } from './jsonata-evaluator';
import type { TaskRunner } from './task-runner';
import type { TaskTokens } from './task-tokens';

export interface Engine {
  readonly clock: Clock;
  readonly random: () => number;
  readonly tasks: TaskRunner;
  readonly tokens: TaskTokens;
  readonly evaluator: JsonataEvaluator;
  readonly region: string;
}

/** Which execution this is; the part of `$states.context` that does not change. */
export interface ExecutionIdentity {
  readonly executionArn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
  readonly input: JsonValue;
  readonly startTime: Date;
}
