/** A failure inside an execution, with the error name and cause that Retry, Catch and the history see. */
import type { JsonObject } from './json-value';

export interface FailureOptions {
  readonly error?: string;
  readonly cause?: string;
  /** Errors that the interpreter raises about itself pass every Retry and Catch. */
  readonly catchable?: boolean;
  /** A missed heartbeat is recorded as a timeout but also answers to the name States.HeartbeatTimeout. */
  readonly missedHeartbeat?: boolean;
  /** Whether a task's resource reported the failure; such a task is recorded as aborted when its branch ends with it. */
  readonly fromTask?: boolean;
}

/** Thrown by states, caught by Retry and Catch; never leaves the engine. */
export class StateFailure extends Error {
  override readonly name = 'StateFailure';
  readonly error: string | undefined;
  override readonly cause: string | undefined;
  readonly catchable: boolean;
  readonly missedHeartbeat: boolean;
  readonly fromTask: boolean;

  constructor(options: FailureOptions) {
    super(`${options.error ?? 'failed'}: ${options.cause ?? ''}`);
    this.error = options.error;
    this.cause = options.cause;
    this.catchable = options.catchable ?? true;
    this.missedHeartbeat = options.missedHeartbeat ?? false;
    this.fromTask = options.fromTask ?? false;
  }

  /** What `$states.errorOutput` holds. */
  get errorOutput(): JsonObject {
    return { ...(this.error === undefined ? {} : { Error: this.error }), Cause: this.cause ?? '' };
  }

  /** Error and cause as history events carry them: left out when empty. */
  get eventDetails(): JsonObject {
    return { ...(this.error ? { error: this.error } : {}), ...(this.cause ? { cause: this.cause } : {}) };
  }

  /** Whether a name in an ErrorEquals list means this failure. */
  matches(name: string): boolean {
    if (!this.catchable) return false;
    if (name === 'States.ALL' || name === this.error) return true;
    if (name === 'States.TaskFailed') return this.error !== 'States.Timeout';
    return name === 'States.HeartbeatTimeout' && this.missedHeartbeat;
  }
}

export const DATA_LIMIT_BYTES = 262_144;

/** The failure of data that outgrew the service's limit for one payload. */
export function dataLimitFailure(producer: string, fromTask = false): StateFailure {
  return new StateFailure({
    error: 'States.DataLimitExceeded',
    cause: `The state/task '${producer}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    fromTask,
  });
}
