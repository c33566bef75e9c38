/** Where a sequence stands. */
import type { SequenceName } from '../core/feeds';

/** The last value a sequence handed out. */
export interface SequenceValue extends SequenceName {
  /** What the server knows it by. */
  readonly oid: string;
  /** As text: 64 bits do not fit a JavaScript number. */
  readonly lastValue: string;
  /** What may be added to it so that values are left between; 0 where hardly any are left. */
  readonly reserve: string;
}
