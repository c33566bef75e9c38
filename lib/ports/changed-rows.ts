/** Rows that changed on either side since the verdict's moment, compared again until the last write: each side keeps which they are. */
import type { Difference } from '../core/differences';

export interface ComparedRows {
  readonly rows: number;
  /** How many of them differ, and may only be on their way. */
  readonly suspected: number;
  /** What is proved to differ, and not on its way. */
  readonly differences: readonly Difference[];
  /** Tables that changed, whose rows have no name both sides know, and which are too large to be compared as a whole. */
  readonly skipped: readonly string[];
}

export interface ChangedRows {
  /**
   * From now on each side keeps which of its rows change, but for what is replicated; what it had kept before is forgotten.
   *
   * @returns false when a side has to wait for transactions that are running
   */
  keep(): Promise<boolean>;
  /** Why it is not known any more what changed since; undefined when it is. */
  gap(): Promise<string | undefined>;
  /** Begins to read what was kept; ends whoever is at it. To be ended by {@link close}. */
  listen(): Promise<void>;
  /**
   * Reads on, on both sides, until now.
   *
   * @returns false when more has changed than is compared at once: then to be called again after {@link compare}
   */
  read(): Promise<boolean>;
  /**
   * Compares the rows that were read, and those that differed before. Everything that was read must have arrived on the side that follows.
   * What is equal is done with; what differs is compared again next time, unless it is proved to differ.
   *
   * @param options.last whether nothing is written or on its way any more, so that what differs differs
   */
  compare(options: { readonly last: boolean }): Promise<ComparedRows>;
  /** What green wrote itself until now is no write of the application, and is never compared; not to be called while listening. */
  passOverGreens(): Promise<void>;
  /** Stops reading. What was not found equal is kept for the next one who listens. */
  close(): Promise<void>;
}
