/** What became of every operation of this run: each outcome goes to the journal first and into the counts second. */
import { generationsIn, Journal, type JournalEntry, JournalReader } from './journal';
import type { OperationKind } from './workload';
import { type Outage, WriteTally } from './write-tally';

/** What writers felt during some time. */
export interface WriteWindow {
  /** The longest outage. */
  writeDowntimeMs: number;
  /** The longest time any one writer went without an accepted write; also holds stalls in which nothing was refused. */
  longestGapMs: number;
}

/**
 * Writes, updates and deletes together; all of them count from the run's first start of the prober on.
 *
 * Times are in milliseconds with their fractions.
 */
export interface ProberCounts extends WriteWindow {
  acknowledged: number;
  /** Answered with an error or not even connected: certainly not stored. */
  refused: number;
  /** The connection was lost with the commit in flight: stored or not, nobody knows. */
  unknown: number;
  /** The most recent write was accepted. */
  serving: boolean;
  outages: Outage[];
  /** Why the last write that was not accepted was not, since this start; for people. */
  lastRefusal?: string | undefined;
}

export class WriteHistory {
  /** By writer: when its last write was accepted, or when it began. */
  private readonly lastAccepted = new Map<number, number>();
  private acknowledgedBefore = 0;
  private stoppedAtMs: number | undefined;
  private lastRefusal: string | undefined;
  private windowGapMs = 0;
  private outagesBeforeWindow = 0;

  private constructor(
    private readonly journal: Journal,
    private readonly tally: WriteTally,
    private readonly now: () => number,
  ) {}

  static async open(folder: string, now: () => number): Promise<WriteHistory> {
    const journal = Journal.open(folder);
    const tally = new WriteTally();
    for (const generation of generationsIn(folder).filter((earlier) => earlier < journal.generation)) {
      const reader = new JournalReader(folder, generation);
      for await (const batch of reader.read()) for (const entry of batch) tally.apply(entry);
      tally.endGeneration();
    }
    const history = new WriteHistory(journal, tally, now);
    history.acknowledgedBefore = tally.acknowledged;
    history.outagesBeforeWindow = tally.endedOutages;
    return history;
  }

  get generation(): number {
    return this.journal.generation;
  }

  began(writer: number): void {
    this.lastAccepted.set(writer, this.now());
  }

  /** To be called before the operation is sent: once it is, the database may hold it although nobody says so. */
  begun(operation: OperationKind, key: string, value: number): void {
    this.record({ kind: 'begun', operation, key, value });
  }

  /** @param missed the acknowledged operation found no row to change */
  acknowledged(writer: number, key: string, { missed = false } = {}): void {
    const atMs = this.now();
    const entries: JournalEntry[] = [{ kind: missed ? 'missed' : 'acknowledged', key }];
    if (this.tally.inOutage) entries.push({ kind: 'recovered', atMs });
    const gapMs = atMs - (this.lastAccepted.get(writer) ?? atMs);
    if (gapMs > this.tally.longestGapMs) entries.push({ kind: 'gap', durationMs: gapMs });
    this.windowGapMs = Math.max(this.windowGapMs, gapMs);
    this.lastAccepted.set(writer, atMs);
    this.record(...entries);
  }

  refused(reason: string, key?: string): void {
    this.lastRefusal = reason;
    this.record({ kind: 'refused', atMs: this.now(), ...(key !== undefined && { key }) });
  }

  unknown(reason: string, key: string): void {
    this.lastRefusal = reason;
    this.record({ kind: 'unknown', atMs: this.now(), key });
  }

  stopped(): void {
    this.stoppedAtMs ??= this.now();
  }

  counts(): ProberCounts {
    const outages = this.tally.outages(this.nowOrStop);
    return {
      acknowledged: this.tally.acknowledged,
      refused: this.tally.refused,
      unknown: this.tally.unknown,
      serving: !this.tally.inOutage && this.tally.acknowledged > this.acknowledgedBefore,
      writeDowntimeMs: longest(outages),
      longestGapMs: Math.max(this.tally.longestGapMs, this.openGapMs()),
      outages,
      lastRefusal: this.lastRefusal,
    };
  }

  /** Since the previous call; what was going on then already counts from its own beginning. */
  window(): WriteWindow {
    const outages = this.tally.outages(this.nowOrStop).slice(this.outagesBeforeWindow);
    const longestGapMs = Math.max(this.windowGapMs, this.openGapMs());
    this.outagesBeforeWindow = this.tally.endedOutages;
    this.windowGapMs = 0;
    return { writeDowntimeMs: longest(outages), longestGapMs };
  }

  private get nowOrStop(): number {
    return this.stoppedAtMs ?? this.now();
  }

  /** Of the writers that wait for an accepted operation right now. */
  private openGapMs(): number {
    return Math.max(0, ...[...this.lastAccepted.values()].map((atMs) => this.nowOrStop - atMs));
  }

  private record(...entries: JournalEntry[]): void {
    this.journal.append(...entries);
    for (const entry of entries) this.tally.apply(entry);
  }
}

function longest(outages: readonly Outage[]): number {
  return outages.reduce((longestMs, { durationMs }) => Math.max(longestMs, durationMs), 0);
}
