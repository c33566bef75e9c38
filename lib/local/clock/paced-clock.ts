/** A clock for rehearsals: it runs fast while everybody only waits, and at real speed while work is being done. */
import type { Clock } from '../../ports/clock';
import type { WorkTrackingClock } from './tracked-work';

/** A longer timer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
  timer: NodeJS.Timeout | undefined;
}

/**
 * So a wait of 30 s takes 30 s divided by the factor, yet a function that works for two seconds is two seconds old, and
 * neither its time limit nor its budget runs out early.
 */
export class PacedClock implements WorkTrackingClock {
  private readonly sleepers = new Set<Sleeper>();
  private working = 0;
  private virtualMs: number;
  private realMs: number;

  /** @throws RangeError when `factor` is not a number of at least 1. */
  constructor(
    private readonly base: Clock,
    private readonly factor: number,
  ) {
    if (!(factor >= 1) || !Number.isFinite(factor)) {
      throw new RangeError(
        `the pace must be a number of at least 1, got ${factor}: 1 is real time, 60 makes a minute of waiting a second`,
      );
    }
    this.realMs = base.now();
    this.virtualMs = this.realMs;
  }

  now(): number {
    return this.virtualMs + (this.base.now() - this.realMs) * this.rate();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const wake = () => {
        this.sleepers.delete(sleeper);
        clearTimeout(sleeper.timer);
        signal?.removeEventListener('abort', abort);
      };
      const abort = () => {
        wake();
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        until: this.now() + ms,
        wake: () => {
          wake();
          resolve();
        },
        timer: undefined,
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.sleepers.add(sleeper);
      this.arm(sleeper);
    });
  }

  /** Time passes at real speed until `work` has ended. */
  async track<Result>(work: () => Promise<Result>): Promise<Result> {
    this.change(+1);
    try {
      return await work();
    } finally {
      this.change(-1);
    }
  }

  private rate(): number {
    return this.working > 0 ? 1 : this.factor;
  }

  private change(step: number): void {
    this.virtualMs = this.now();
    this.realMs = this.base.now();
    this.working += step;
    for (const sleeper of this.sleepers) {
      this.arm(sleeper);
    }
  }

  private arm(sleeper: Sleeper): void {
    clearTimeout(sleeper.timer);
    const restMs = (sleeper.until - this.now()) / this.rate();
    sleeper.timer =
      restMs > LONGEST_TIMER_MS
        ? setTimeout(() => this.arm(sleeper), LONGEST_TIMER_MS)
        : setTimeout(sleeper.wake, Math.max(0, restMs));
  }
}
