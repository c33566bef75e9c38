/** Drift of data: columns that look different on green by the servers' own statistics; information, no proof. */

/** What the server's statistics estimate of a column. */
export interface ColumnFigures {
  /** Share of rows in which it is null, from 0 to 1. */
  readonly nullShare: number;
  /** Null where the server has no estimate. */
  readonly distinct: number | null;
  /** Bytes; null for types whose values are all of one length. */
  readonly averageLength: number | null;
  /** The smallest value the statistics know, where values are shown. */
  readonly min?: string;
  readonly max?: string;
}

export interface ColumnName {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
}

export interface ColumnStatistics extends ColumnName {
  /** Null where the server has none. */
  readonly figures: ColumnFigures | null;
}

export type DriftedFigure = 'nulls' | 'distinct values' | 'average length';

export interface DriftedColumn extends ColumnName {
  /** Which figures differ by more than the plan expects. */
  readonly beyond: readonly DriftedFigure[];
  /** The change that declares to rewrite it. */
  readonly changedBy?: string;
  readonly blue: ColumnFigures | null;
  readonly green: ColumnFigures | null;
}

export interface DataDrift {
  /** Columns of which both sides have statistics. */
  readonly columns: number;
  /** Columns that both sides have, and blue no statistics of. */
  readonly withoutStatistics: number;
  readonly flagged: number;
  /** Flagged columns, those that a change declares to rewrite before others; then what else changes rewrite. */
  readonly shown: readonly DriftedColumn[];
}
