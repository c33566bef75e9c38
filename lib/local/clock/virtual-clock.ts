/** A clock whose time stands still while anybody works and jumps to the next sleeper when nobody does. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { WorkTrackingClock } from './tracked-work';

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

interface Work {
  sleeping: number;
}

/**
 * After so many turns of the event loop in which nobody fell asleep, woke, or took up work, what was running has come
 * to rest: promise chains finish within a turn, and work that waits for I/O has to be announced with `track`.
 */
const QUIET_TURNS = 3;

/**
 * Virtual time: a wait of 30 days takes a few turns of the event loop.
 *
 * Time jumps when nothing else can run, which means: every piece of tracked work has settled or is itself asleep on
 * this clock, and the event loop has gone quiet. Sleepers wake one at a time, the earliest first, those of the same
 * instant in the order in which they fell asleep.
 */
export class VirtualClock implements WorkTrackingClock {
  private readonly sleepers: Sleeper[] = [];
  private readonly current = new AsyncLocalStorage<Work>();
  private readonly works = new Set<Work>();
  private turnsLeft = 0;
  private ticking = false;

  constructor(private time = Date.UTC(2024, 0, 1)) {}

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const work = this.current.getStore();
    return new Promise<void>((resolve, reject) => {
      const leave = (settle: () => void) => () => {
        signal?.removeEventListener('abort', onAbort);
        if (work) work.sleeping -= 1;
        this.stir();
        settle();
      };
      const sleeper: Sleeper = { due: this.time + Math.max(ms, 0), wake: leave(resolve) };
      const onAbort = leave(() => {
        this.sleepers.splice(this.sleepers.indexOf(sleeper), 1);
        reject(signal?.reason);
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      if (work) work.sleeping += 1;
      this.insert(sleeper);
      this.stir();
    });
  }

  async track<T>(work: () => Promise<T>): Promise<T> {
    const entry: Work = { sleeping: 0 };
    this.works.add(entry);
    try {
      return await this.current.run(entry, work);
    } finally {
      this.works.delete(entry);
      this.stir();
    }
  }

  private insert(sleeper: Sleeper): void {
    const later = this.sleepers.findIndex((other) => other.due > sleeper.due);
    this.sleepers.splice(later === -1 ? this.sleepers.length : later, 0, sleeper);
  }

  private stir(): void {
    this.turnsLeft = QUIET_TURNS;
    if (this.ticking) return;
    this.ticking = true;
    setImmediate(() => this.tick());
  }

  private tick(): void {
    const busy = [...this.works].some((work) => work.sleeping === 0);
    if (busy || this.sleepers.length === 0) {
      // Whoever ends the work or falls asleep next stirs the clock again; idling here would only keep the process alive.
      this.ticking = false;
      return;
    }
    if (this.turnsLeft > 0) {
      this.turnsLeft -= 1;
    } else {
      const next = this.sleepers.shift() as Sleeper;
      this.time = Math.max(this.time, next.due);
      next.wake();
    }
    setImmediate(() => this.tick());
  }
}
