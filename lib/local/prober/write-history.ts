/** What became of every write of this run: each outcome goes to the journal first and into the counts second. */
import { generationsIn, Journal, type JournalEntry, readJournal } from './journal';
import { type Outage, WriteTally } from './write-tally';

/** Acknowledged, refused, unknown and outages count from the run's first start of the prober on. */
export interface ProberCounts {
  acknowledged: number;
  /** Answered with an error or not even connected: certainly not stored. */
  refused: number;
  /** The connection was lost with the write in flight: stored or not, nobody knows. */
  unknown: number;
  /** The most recent write was accepted. */
  serving: boolean;
  /** The longest outage. */
  writeDowntimeMs: number;
  /** The longest time any one writer went without an accepted write; also holds stalls in which nothing was refused. */
  longestGapMs: number;
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

  private constructor(
    private readonly journal: Journal,
    private readonly tally: WriteTally,
    private readonly now: () => number,
  ) {}

  static async open(folder: string, now: () => number): Promise<WriteHistory> {
    const journal = Journal.open(folder);
    const tally = new WriteTally();
    for (const generation of generationsIn(folder).filter((earlier) => earlier < journal.generation)) {
      for await (const batch of readJournal(folder, generation)) for (const entry of batch) tally.apply(entry);
      tally.endGeneration();
    }
    const history = new WriteHistory(journal, tally, now);
    history.acknowledgedBefore = tally.acknowledged;
    return history;
  }

  get generation(): number {
    return this.journal.generation;
  }

  began(writer: number): void {
    this.lastAccepted.set(writer, this.now());
  }

  acknowledged(writer: number, key: string): void {
    const atMs = this.now();
    const entries: JournalEntry[] = [{ kind: 'acknowledged', key }];
    if (this.tally.inOutage) entries.push({ kind: 'recovered', atMs });
    const gapMs = atMs - (this.lastAccepted.get(writer) ?? atMs);
    if (gapMs > this.tally.longestGapMs) entries.push({ kind: 'gap', durationMs: gapMs });
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
    const nowMs = this.stoppedAtMs ?? this.now();
    const outages = this.tally.outages(nowMs);
    const openGaps = [...this.lastAccepted.values()].map((acceptedAtMs) => nowMs - acceptedAtMs);
    return {
      acknowledged: this.tally.acknowledged,
      refused: this.tally.refused,
      unknown: this.tally.unknown,
      serving: !this.tally.inOutage && this.tally.acknowledged > this.acknowledgedBefore,
      writeDowntimeMs: Math.max(0, ...outages.map(({ durationMs }) => durationMs)),
      longestGapMs: Math.max(this.tally.longestGapMs, ...openGaps),
      outages,
      lastRefusal: this.lastRefusal,
    };
  }

  private record(...entries: JournalEntry[]): void {
    this.journal.append(...entries);
    for (const entry of entries) this.tally.apply(entry);
  }
}
