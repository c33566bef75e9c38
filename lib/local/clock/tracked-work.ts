/** Lets whoever does real work in between sleeps tell a clock that time must not jump meanwhile. */
import type { Clock } from '../../ports/clock';

/** A clock that wants to know when somebody is working, because it jumps when nobody is. */
export interface WorkTrackingClock extends Clock {
  /** Runs `work`; until it has settled time passes at real speed. */
  track<T>(work: () => Promise<T>): Promise<T>;
}

/** Runs `work` under the clock's watch if the clock tracks work, else simply runs it. */
export function trackedWork<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  return isWorkTracking(clock) ? clock.track(work) : work();
}

function isWorkTracking(clock: Clock): clock is WorkTrackingClock {
  return 'track' in clock && typeof clock.track === 'function';
}
