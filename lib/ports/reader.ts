/** Reading a database: its schema, and what its checks say. */
import type { Schema } from '../core/schema';

/** What a database is asked to be compared with another, or to be found right. */
export interface Reader {
  schema(): Promise<Schema>;
  /** Number of rows a check returns. */
  check(sql: string): Promise<number>;
}
