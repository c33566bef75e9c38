/** The way back: what of green's rows can flow back to blue, and what lies in their way. */
import type { PublishedColumns } from './replication';

export interface WayBack {
  /** What cannot flow back, whatever the rows are, in words. */
  readonly obstacles: readonly string[];
  /** Under which conditions tables without obstacles flow back, in words: rows that break one stop it. */
  readonly conditions: readonly string[];
  /** What to publish on green. */
  readonly tables: readonly PublishedColumns[];
}
