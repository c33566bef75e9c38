/** The seam between the interpreter and whoever does the work of a Task. */
import type { JsonValue } from './json-value';
import type { TaskResource } from './task-resource';

export interface TaskCall {
  readonly resource: TaskResource;
  readonly arguments: JsonValue;
  readonly stateName: string;
  /** The token to be answered with, if the task waits for a callback. */
  readonly taskToken: string | undefined;
  /** Aborted when the execution no longer waits for the result. */
  readonly signal: AbortSignal;
}

/**
 * Runs the work of a Task and resolves with the task's result.
 *
 * Rejects with a TaskError when the work failed as the service would report it; any other rejection is a defect of the
 * harness and ends the execution.
 */
export interface TaskRunner {
  run(call: TaskCall): Promise<JsonValue>;
}

/** The failure of a task, in the words that the history and `$states.errorOutput` will have. */
export class TaskError extends Error {
  override readonly name = 'TaskError';

  constructor(
    readonly error: string | undefined,
    readonly causeText: string | undefined,
  ) {
    super(`${error ?? 'task failed'}: ${causeText ?? ''}`);
  }
}
