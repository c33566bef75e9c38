/** The wall clock of this machine. */
import type { Clock } from '../../ports/clock';

/** Node fires a timer at once when its delay exceeds a signed 32-bit integer, so longer sleeps are taken in pieces. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Real time: `now()` is the machine's time, `sleep()` a timer. */
export class RealClock implements Clock {
  now(): number {
    return Date.now();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    for (let left = ms; ; left -= LONGEST_TIMER_MS) {
      await timer(Math.min(Math.max(left, 0), LONGEST_TIMER_MS), signal);
      if (left <= LONGEST_TIMER_MS) return;
    }
  }
}

function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(handle);
      reject(signal?.reason);
    };
    const handle = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
