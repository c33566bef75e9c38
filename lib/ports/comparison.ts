/** A comparison of both sides at one moment, which may take many invocations: what is known so far is kept on the side that follows. */
import type { ComparedTable } from '../core/comparison';
import type { Difference } from '../core/differences';
import type { Schema } from '../core/schema';
import type { BothSides } from './reader';

/** The moment at which both sides are compared; both keep what it sees. */
export interface Moment {
  /** Milliseconds in which writers had to wait for it. */
  readonly fenceMs: number;
  /** On the clock of whoever marked it. */
  readonly atMs: number;
}

/** Both sides as they were at the moment. */
export interface SidesAtMoment extends BothSides {
  readonly schemas: { readonly blue: Schema; readonly green: Schema };
  /** The tables that can be compared, by what both schemas and the changes say. */
  readonly tables: readonly ComparedTable[];
  readonly excluded: readonly string[];
}

export interface MarkOptions {
  readonly atMs: number;
  /** False where nobody writes on either side. */
  readonly following: boolean;
  /** How long to wait for writers at most; they wait behind it meanwhile. */
  readonly lockTimeoutMs: number;
  /** How long both sides keep the moment at most. */
  readonly seconds: number;
}

export interface RangeProgress {
  readonly ranges: number;
  readonly compared: number;
  /** Pieces of work that are left, each of one large range or of many small tables. */
  readonly sharesLeft: number;
}

export interface TableDigest {
  /** As text, like the digest: both can exceed a JavaScript number. */
  readonly rows: string;
  readonly digest: string;
}

/** A table whose digests differ, or which could not be read as it has to be. */
export interface DifferingTable {
  readonly table: ComparedTable;
  readonly blue: TableDigest;
  readonly green: TableDigest;
  /** Why it could not be read. */
  readonly problem?: string;
}

export interface ComparedRanges {
  readonly rows: number;
  readonly differing: readonly DifferingTable[];
  /** Tables that were rewritten or emptied in place meanwhile, so that what they held at the moment is gone. */
  readonly rewritten: readonly string[];
}

export interface Comparison {
  /** @returns undefined when there is none, or none any more: a side was restarted, or its time is over */
  moment(): Promise<Moment | undefined>;
  /**
   * Marks a moment and cuts what is to be compared into ranges; everything that is known of another moment is forgotten.
   *
   * @throws TemporarilyUnavailable when writers do not let it in within `lockTimeoutMs`
   */
  mark(options: MarkOptions): Promise<void>;
  progress(): Promise<RangeProgress>;
  /** Takes from workers that are gone what they took and did not finish. */
  freeClaims(): Promise<void>;
  /** Compares ranges nobody else is at until there are none left, time is over (but at least some), or the moment is gone. */
  compareRanges(worker: number, timeIsOver: () => boolean): Promise<void>;
  /** What all ranges together say. */
  result(): Promise<ComparedRanges>;
  /** @throws TemporarilyUnavailable when the moment is gone */
  atMoment<Result>(work: (sides: SidesAtMoment) => Promise<Result>): Promise<Result>;
  /** Names rows that differ, at most `limit`, and counts the others. */
  differences(differing: DifferingTable, limit: number): Promise<Difference>;
  /** Forgets the moment, so that both sides need not keep it any longer. */
  end(): Promise<void>;
}
