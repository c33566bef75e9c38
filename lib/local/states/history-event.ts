/** The events of an execution in the shape of GetExecutionHistory. */
import type { JsonValue } from './json-value';

/** One event; its details stand under the key that the service uses for the event's type. */
export interface HistoryEvent {
  readonly timestamp: Date;
  readonly type: string;
  readonly id: number;
  readonly previousEventId: number;
  readonly [details: `${string}EventDetails`]: { readonly [key: string]: JsonValue };
}

/**
 * The key of the details that belong to an event type; all `…StateEntered` and all `…StateExited` events share one
 * each, and a few types have no details at all.
 */
export function detailsKey(type: string): `${string}EventDetails` {
  if (type.endsWith('StateEntered')) return 'stateEnteredEventDetails';
  if (type.endsWith('StateExited')) return 'stateExitedEventDetails';
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}
