/** Where sequences stand. */
import type { SequenceName } from './feeding';

/** The last value a sequence handed out. */
export interface SequenceValue extends SequenceName {
  /** What the server knows it by. */
  readonly oid: string;
  /** As text: 64 bits do not fit a JavaScript number. */
  readonly lastValue: string;
  /** What may be added to it so that values are left between; 0 where hardly any are left. */
  readonly reserve: string;
}

/** What is known of sequences: only what is new is looked for. */
export interface KnownSequences {
  /** Where they stood. */
  readonly standing: readonly SequenceValue[];
  /** Oids of those that are in use anyway. */
  readonly busy: readonly string[];
}

/** The value behind which a sequence has to go on. */
export interface SequenceTarget extends SequenceName {
  /** As text: 64 bits do not fit a JavaScript number. */
  readonly lastValue: string;
  /** Of the same sequence on the other side: its steps are this one's. */
  readonly copy: boolean;
}
