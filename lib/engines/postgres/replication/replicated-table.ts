/** Tables as logical replication sees them: how rows and columns find their counterparts, and what makes a side refuse a row. */

import type { TableName } from '../../../core/declarations';
import type { ColumnType } from '../way-back/column-type';

export interface ReplicatedColumn {
  /** Stays when the column is renamed, and is the same on both sides of a run. */
  readonly number: number;
  readonly name: string;
  /** With its modifier, as the server writes it. */
  readonly type: string;
  /** What its type holds, as far as that is known. */
  readonly content?: ColumnType;
  /** Its collation takes different texts for equal. */
  readonly folds?: boolean;
  /** The type's own values, if it has a list of them. */
  readonly enumerated?: TableName & { readonly labels: readonly string[] };
  readonly notNull: boolean;
  /** The server has a value for rows that come without one. */
  readonly filled: boolean;
  /** Computed by each side, never sent. */
  readonly generated: boolean;
}

/** What a side checks of every row that is applied; foreign keys are not among it. */
export interface RowRule {
  readonly name: string;
  /** In the server's own words. */
  readonly definition: string;
  readonly columns: readonly string[];
  /** `key`: its columns can identify rows. */
  readonly key?: 'unique' | 'primary';
}

/** What is sent along to find a row that was updated or deleted: by default the primary key. */
export type ReplicaIdentity = 'default' | 'full' | 'nothing' | { readonly index: string };

/** What else can have a name that a table of the other side has. */
export type RelationKind = 'table' | 'partitioned table' | 'view' | 'materialized view' | 'foreign table';

export interface ReplicatedTable {
  /** Stays when the table is renamed or moved, and is the same on both sides of a run. */
  readonly id: string;
  readonly kind: RelationKind;
  readonly schema: string;
  readonly name: string;
  readonly partition: boolean;
  /** Tables it is a partition or child of, directly or not. */
  readonly ancestors: readonly TableName[];
  readonly identity: ReplicaIdentity;
  readonly columns: readonly ReplicatedColumn[];
  readonly rules: readonly RowRule[];
}

/** The columns the publishing side sends to identify a row. */
export function sentKey({ identity, columns, rules }: ReplicatedTable): readonly string[] {
  switch (identity) {
    case 'full':
      return columns.filter(({ generated }) => !generated).map(({ name }) => name);
    case 'nothing':
      return [];
    case 'default':
      return primaryKey(rules);
    default:
      return rules.find(({ name, key }) => key && name === identity.index)?.columns ?? [];
  }
}

/** The columns by which the subscribing side finds a row; none when it compares whole rows. */
export function soughtKey(table: ReplicatedTable): readonly string[] {
  return typeof table.identity === 'object' ? sentKey(table) : primaryKey(table.rules);
}

function primaryKey(rules: readonly RowRule[]): readonly string[] {
  return rules.find(({ key }) => key === 'primary')?.columns ?? [];
}
