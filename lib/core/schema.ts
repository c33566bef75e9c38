/** Schemas as data: objects with facts, tables with columns. */
import type { Declaration, ObjectName, TableName } from './declarations';

/** In the server's own words; a list is in no order. */
export type Fact = string | readonly string[];
export type Facts = Readonly<Record<string, Fact>>;

/** One object with what there is to say of it, by name of the fact. */
export interface SchemaObject extends ObjectName {
  readonly facts: Facts;
  /** Facts that may be secret: they are compared, and never shown. */
  readonly hidden?: Facts;
}

export interface ColumnFacts {
  readonly name: string;
  /** What is stored, below all domains: the type as the server formats it, without modifier and with a schema unless it is the server's own. */
  readonly type: string;
  /** The column's own type with its modifier. */
  readonly modified: string;
  /** Absent for types that have none. */
  readonly collation?: string;
}

export interface TableFacts extends TableName {
  readonly columns: readonly ColumnFacts[];
  /** Columns that identify a row, as the primary key or a unique index without nulls does; empty where nothing does. */
  readonly key: readonly string[];
  /** Tables it is a partition or child of, directly or not. */
  readonly ancestors: readonly TableName[];
}

export interface Schema {
  readonly objects: readonly SchemaObject[];
  /** Tables that hold rows of their own. */
  readonly tables: readonly TableFacts[];
}

export interface DeclaredBy {
  readonly file: string;
  readonly declaration: Declaration;
}

export function reaches(declaration: { schema?: string; table: string }, table: TableFacts): boolean {
  return [table, ...table.ancestors].some(
    ({ schema, name }) =>
      declaration.table === name && (declaration.schema === undefined || declaration.schema === schema),
  );
}

/** As messages show it. */
export function tableName({ schema, name }: TableName): string {
  return `${schema}.${name}`;
}

/** Names may hold dots, so tables are told apart in a form of their own. */
export function tableKey({ schema, name }: TableName): string {
  return JSON.stringify([schema, name]);
}
