/** The time in which a crossing has to be over. */
import { TemporarilyUnavailable } from '../lib/core/errors';
import type { Clock } from '../lib/ports/clock';

export class Budget {
  constructor(
    private readonly clock: Clock,
    private readonly deadlineMs: number,
  ) {}

  /** @throws TemporarilyUnavailable when it is used up */
  restMs(): number {
    const rest = this.deadlineMs - this.clock.now();
    if (rest <= 0) {
      throw new TemporarilyUnavailable('the switchover', { cause: new Error('its budget is used up') });
    }
    return rest;
  }
}
