/** Schemas as data, and the pure comparison of blue's with green's under what the changes declare. */
import { type Declaration, declares, type ObjectName, type TableName } from './declarations';
import type { Mismatch } from './verdict';

/** One object with its definition in the server's own words. */
export interface SchemaObject extends ObjectName {
  readonly definition: string;
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

/** Green's schema must differ from blue's in what the changes declare and in nothing else. */
export function compareSchemas(blue: Schema, green: Schema, declared: readonly DeclaredBy[]): Mismatch[] {
  const before = new Map(blue.objects.map((object) => [objectKey(object), object]));
  const after = new Map(green.objects.map((object) => [objectKey(object), object]));
  const mismatches: Mismatch[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(key);
    const is = after.get(key);
    const object = was ?? is;
    if (
      !object ||
      was?.definition === is?.definition ||
      declared.some(({ declaration }) => reachesDifference(declaration, object, was && is))
    ) {
      continue;
    }
    mismatches.push({ kind: 'schema', object: describeObject(object), message: describeDifference(was, is) });
  }
  return mismatches;
}

/** A statement about everything there is in a schema neither creates nor drops any of it. */
function reachesDifference(declaration: Declaration, object: ObjectName, onBothSides: unknown): boolean {
  return declares(declaration, object) && (declaration.kind !== 'all' || onBothSides !== undefined);
}

function describeDifference(was: SchemaObject | undefined, is: SchemaObject | undefined): string {
  if (!was) {
    return `only green has it (${is?.definition}), and no change declares it`;
  }
  if (!is) {
    return `green lacks it (${was.definition}), and no change declares that`;
  }
  return `is "${was.definition}" on blue and "${is.definition}" on green, and no change declares that`;
}

/** Names may hold dots and blanks, so they are told apart in a form of their own. */
function objectKey({ kind, schema, table, name }: ObjectName): string {
  return JSON.stringify([kind, schema, table, name]);
}

function describeObject({ kind, schema, table, name }: ObjectName): string {
  return `${kind} ${schema}.${table === undefined ? '' : `${table}.`}${name}`;
}

export function reaches(declaration: { schema?: string; table: string }, table: TableFacts): boolean {
  return [table, ...table.ancestors].some(
    ({ schema, name }) =>
      declaration.table === name && (declaration.schema === undefined || declaration.schema === schema),
  );
}

export function tableKey(table: { schema: string; name: string }): string {
  return `${table.schema}.${table.name}`;
}
