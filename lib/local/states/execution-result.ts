/** How an execution ended. */
import type { JsonValue } from './json-value';

export type ExecutionResult =
  | { readonly status: 'SUCCEEDED'; readonly output: JsonValue }
  | { readonly status: 'FAILED' | 'ABORTED' | 'TIMED_OUT'; readonly error?: string; readonly cause?: string };

export type ExecutionStatus = 'RUNNING' | ExecutionResult['status'];
