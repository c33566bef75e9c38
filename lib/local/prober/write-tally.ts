/** Pure bookkeeping over journal entries: counts, outages and gaps, the same while writing and when read back. */
import type { JournalEntry } from './journal';

/** From the first refused operation to the next accepted one, whichever writers made them. */
export interface Outage {
  /** Milliseconds since the epoch. */
  startedAtMs: number;
  durationMs: number;
  /** False while writes are still being refused, or when the prober died before it saw a write accepted. */
  ended: boolean;
}

export class WriteTally {
  acknowledged = 0;
  refused = 0;
  unknown = 0;
  longestGapMs = 0;
  private readonly past: Outage[] = [];
  private current: { startedAtMs: number; lastRefusedAtMs: number } | undefined;

  get inOutage(): boolean {
    return this.current !== undefined;
  }

  get endedOutages(): number {
    return this.past.length;
  }

  apply(entry: JournalEntry): void {
    switch (entry.kind) {
      case 'acknowledged':
      case 'missed':
        this.acknowledged += 1;
        break;
      case 'refused':
        this.refused += 1;
        this.failedAt(entry.atMs);
        break;
      case 'unknown':
        this.unknown += 1;
        this.failedAt(entry.atMs);
        break;
      case 'recovered':
        this.endOutage(entry.atMs, true);
        break;
      case 'gap':
        this.longestGapMs = Math.max(this.longestGapMs, entry.durationMs);
        break;
    }
  }

  /** Nobody measured between two starts of the prober, so an open outage reaches to its last refused write only. */
  endGeneration(): void {
    if (this.current) this.endOutage(this.current.lastRefusedAtMs, false);
  }

  outages(nowMs: number): Outage[] {
    if (!this.current) return [...this.past];
    const { startedAtMs } = this.current;
    return [...this.past, { startedAtMs, durationMs: nowMs - startedAtMs, ended: false }];
  }

  /** The application cannot tell an unknown outcome from a refusal at that moment, so both start an outage. */
  private failedAt(atMs: number): void {
    this.current ??= { startedAtMs: atMs, lastRefusedAtMs: atMs };
    this.current.lastRefusedAtMs = atMs;
  }

  private endOutage(atMs: number, ended: boolean): void {
    if (!this.current) return;
    const { startedAtMs } = this.current;
    this.past.push({ startedAtMs, durationMs: atMs - startedAtMs, ended });
    this.current = undefined;
  }
}
