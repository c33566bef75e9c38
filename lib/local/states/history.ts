/** Records what happens in one execution, numbered and timed, up to the service's limit. */
import type { Clock } from '../../ports/clock';
import { detailsKey, type HistoryEvent } from './history-event';
import type { JsonObject } from './json-value';
import { StateFailure } from './state-failure';

/** The service ends an execution at this many events; the last one says so. */
export const EVENT_LIMIT = 25_000;

export interface NewEvent {
  readonly type: string;
  readonly previousEventId: number;
  readonly details?: JsonObject;
}

export class History {
  private readonly recorded: HistoryEvent[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly onEvent: (event: HistoryEvent) => void,
  ) {}

  get events(): readonly HistoryEvent[] {
    return this.recorded;
  }

  /**
   * Appends an event and returns its id.
   *
   * @throws StateFailure, which nothing can catch, when only the closing event still has room.
   */
  append(event: NewEvent): number {
    if (this.recorded.length >= EVENT_LIMIT - 1) {
      throw new StateFailure({
        error: 'States.Runtime',
        cause: `The execution reached the maximum number of history events (${EVENT_LIMIT}).`,
        catchable: false,
      });
    }
    return this.push(event);
  }

  /** Appends the event that ends the execution; there is always room for it. */
  close(event: NewEvent): void {
    this.push(event);
  }

  private push({ type, previousEventId, details }: NewEvent): number {
    const id = this.recorded.length + 1;
    const event: HistoryEvent = {
      timestamp: new Date(this.clock.now()),
      type,
      id,
      previousEventId,
      ...(details === undefined ? {} : { [detailsKey(type)]: details }),
    };
    this.recorded.push(event);
    this.onEvent(event);
    return id;
  }
}
