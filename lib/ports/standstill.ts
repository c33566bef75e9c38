/** Whether a side that refuses writes stays as it was found, until the sessions of its clients are gone: they may still make tables, and take values of sequences. */
import type { SequenceValue } from './sequence-value';

/** Everything that can be done there nevertheless, as it was at one moment. */
export interface LookedAtAll {
  /** As {@link Publishing.drift}. */
  readonly drifted: readonly string[];
  /** Tables a write could get past, in words. */
  readonly fenceGaps: readonly string[];
  /** The sequences that were used, and where they stand. */
  readonly moved: readonly SequenceValue[];
  /** What {@link Standstill.isUnwrittenSince} is to be asked; undefined when something was being written, or may be without leaving a trace. */
  readonly standstill: string | undefined;
}

/** Sequences that are of interest: all others that there are. */
export interface Sought {
  /** Where those stood that are of none while they still do. */
  readonly movedSince: readonly SequenceValue[];
  /** Oids of those that are known to be in use. */
  readonly inUse: readonly string[];
}

export interface Standstill {
  /** Takes the longer the more tables and sequences there are; what else is asked meanwhile does not wait behind it. */
  lookAtAll(sought: Sought): Promise<LookedAtAll>;
  /**
   * Whether nothing was written in any database of the server: then no table was made or changed, and of no sequence more than
   * the least {@link SequenceValue.reserve} was taken.
   */
  isUnwrittenSince(standstill: string): Promise<boolean>;
}
