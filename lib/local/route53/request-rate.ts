/** How many requests an account may make: a bucket that holds those of one second and fills while time passes. */
import type { Clock } from '../../ports/clock';

export class RequestRate {
  private left: number | undefined;
  private filledAtMs: number;

  constructor(private readonly clock: Clock) {
    this.filledAtMs = clock.now();
  }

  /** @returns false when there have been too many */
  admits(perSecond: number): boolean {
    const nowMs = this.clock.now();
    const filled = (this.left ?? perSecond) + ((nowMs - this.filledAtMs) / 1000) * perSecond;
    this.filledAtMs = nowMs;
    this.left = Math.min(perSecond, filled);
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
