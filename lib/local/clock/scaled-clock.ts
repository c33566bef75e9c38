/** A clock that runs faster than the clock beneath it, so that a rehearsal does not sit out its waits. */
import type { Clock } from '../../ports/clock';

/** Time `factor` times as fast: a sleep takes a `factor`th of its length, and `now()` advances `factor` ms per ms. */
export class ScaledClock implements Clock {
  private readonly origin: number;

  /** @throws RangeError when `factor` is not a positive number. */
  constructor(
    private readonly base: Clock,
    private readonly factor: number,
  ) {
    if (!(factor > 0) || !Number.isFinite(factor)) {
      throw new RangeError(
        `the time scale must be a positive number, got ${factor}: 1 is real time, 60 makes an hour a minute`,
      );
    }
    this.origin = base.now();
  }

  now(): number {
    return this.origin + (this.base.now() - this.origin) * this.factor;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.base.sleep(ms / this.factor, signal);
  }
}
