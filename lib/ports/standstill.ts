/** Whether a side that refuses writes stays as it was found, until the sessions of its clients are gone: they may still make tables, and take values of sequences. */
import type { SequenceValue } from './sequence-value';

/** Everything that can be done there nevertheless, as it was at one moment. */
export interface LookedAtAll {
  /** As {@link Publishing.drift}. */
  readonly drifted: readonly string[];
  /** Tables a write could get past, in words. */
  readonly fenceGaps: readonly string[];
  /** The other sequences that do not stand where they did, and where they stand now. */
  readonly moved: readonly SequenceValue[];
  /** What {@link Standstill.isUnwrittenSince} is to be asked; undefined when something was being written, or may be without leaving a trace. */
  readonly standstill: string | undefined;
}

/** What is known of sequences: only what is new is looked for. */
export interface KnownSequences {
  /** Where they stood. */
  readonly standing: readonly SequenceValue[];
  /** Oids of those that are in use anyway. */
  readonly busy: readonly string[];
}

export interface Standstill {
  /** Takes the longer the more tables and sequences there are; what else is asked meanwhile does not wait behind it. */
  lookAtAll(known: KnownSequences): Promise<LookedAtAll>;
  /**
   * Whether nothing was written in any database of the server: then no table was made or changed, and of no sequence more than
   * the least {@link SequenceValue.reserve} was taken.
   */
  isUnwrittenSince(standstill: string): Promise<boolean>;
}
