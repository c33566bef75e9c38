/** Reading a database: its schema, what the plan's queries answer, and what the server estimates of its columns. */
import type { Answer, AnswerBounds } from '../core/answers';
import type { ColumnName, ColumnStatistics } from '../core/data-drift';
import type { Schema, SchemaObject } from '../core/schema';
import type { Timing } from '../core/speed';

export interface Reader {
  schema(): Promise<Schema>;
  /** Roles of the instance, their memberships and settings. */
  roles(): Promise<readonly SchemaObject[]>;
  /** The rows of one of the plan's queries as text, in the same form on every side. */
  answer(sql: string, bounds: AnswerBounds): Promise<Answer>;
  /** Runs one of the plan's queries. @returns undefined when it was ended because it took longer than `limitMs` */
  time(sql: string, limitMs: number): Promise<Timing | undefined>;
  /** What the server estimates of every column; as old as it is, nothing is analyzed for it. */
  statistics(): Promise<readonly ColumnStatistics[]>;
  /** The smallest and largest value the statistics know of a column. @returns undefined when they know none */
  extremes(column: ColumnName): Promise<{ readonly min: string; readonly max: string } | undefined>;
}

export interface BothSides {
  readonly blue: Reader;
  readonly green: Reader;
}
