/** The time in which a crossing has to be over. */
import { TemporarilyUnavailable } from '../../lib/core/errors';
import type { Clock } from '../../lib/ports/clock';

export class Budget {
  constructor(
    private readonly clock: Clock,
    private readonly deadlineMs: number,
  ) {}

  /** @throws TemporarilyUnavailable when it is used up before the work is done; the work goes on, and nobody waits for it */
  async over<Result>(work: Promise<Result>): Promise<Result> {
    let timer: NodeJS.Timeout | undefined;
    const usedUp = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(usedUpError()), Math.max(0, this.deadlineMs - this.clock.now()));
    });
    try {
      return await Promise.race([work, usedUp]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @throws TemporarilyUnavailable when it is used up */
  restMs(): number {
    const rest = this.deadlineMs - this.clock.now();
    if (rest <= 0) {
      throw usedUpError();
    }
    return rest;
  }
}

function usedUpError(): TemporarilyUnavailable {
  return new TemporarilyUnavailable('the switchover', { cause: new Error('its budget is used up') });
}
