/** Schemas as data, and the pure comparison of blue's with green's under what the changes declare. */
import { type Declaration, declares, type ObjectName } from './declarations';
import type { Mismatch } from './verdict';

/** One object with its definition in the server's own words. */
export interface SchemaObject extends ObjectName {
  readonly definition: string;
}

export interface ColumnFacts {
  readonly name: string;
  /** Type as the server formats it, with its modifier. */
  readonly type: string;
  /** False for types without a hash function; their text form is compared. */
  readonly hashable: boolean;
}

export interface TableFacts {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ColumnFacts[];
}

export interface Schema {
  readonly objects: readonly SchemaObject[];
  /** Tables that hold rows of their own. */
  readonly tables: readonly TableFacts[];
}

/** Number of rows and an order-independent digest; as text, since both can exceed a JavaScript number. */
export interface TableDigest {
  readonly rows: string;
  readonly digest: string;
  /** Why the contents could not be read as the asked types; the digest then says nothing. */
  readonly unreadable?: string;
}

export interface DeclaredBy {
  readonly file: string;
  readonly declaration: Declaration;
}

/** A table to be compared, as each side has to read it. */
export interface TableComparison {
  readonly table: string;
  readonly blue: TableFacts;
  readonly green: TableFacts;
  /** False when the changes declare that rows come or go. */
  readonly compareRows: boolean;
}

export interface ComparisonPlan {
  readonly tables: readonly TableComparison[];
  readonly excluded: readonly string[];
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
      declared.some(({ declaration }) => declares(declaration, object))
    ) {
      continue;
    }
    mismatches.push({ kind: 'schema', object: key, message: describeDifference(was, is) });
  }
  return mismatches;
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

function objectKey({ kind, schema, table, name }: ObjectName): string {
  return `${kind} ${schema}.${table === undefined ? '' : `${table}.`}${name}`;
}

/**
 * Which tables are compared over which columns: those both sides have, without the values the changes declare to rewrite.
 *
 * Where a change altered a type, green's value is cast to blue's type: what the new type could not hold then differs.
 */
export function planComparison(blue: Schema, green: Schema, declared: readonly DeclaredBy[]): ComparisonPlan {
  const greenTables = new Map(green.tables.map((table) => [tableKey(table), table]));
  const tables: TableComparison[] = [];
  const excluded: string[] = [];
  for (const table of blue.tables) {
    const counterpart = greenTables.get(tableKey(table));
    if (!counterpart) {
      continue; // a table that vanished is the schema comparison's business
    }
    const rewritten = (column: string) =>
      declared.find(({ declaration: d }) => d.kind === 'values' && covers(d, table) && d.column === column);
    const moved = declared.find(({ declaration: d }) => d.kind === 'rows' && covers(d, table));
    const onGreen = new Set(counterpart.columns.map((column) => column.name));
    const shared = table.columns.filter((column) => {
      const by = onGreen.has(column.name) ? rewritten(column.name) : undefined;
      if (by) {
        excluded.push(`values of ${tableKey(table)}.${column.name}, rewritten by ${by.file}`);
      }
      return onGreen.has(column.name) && !by;
    });
    if (moved) {
      excluded.push(`rows of ${tableKey(table)}, changed by ${moved.file}`);
    }
    tables.push({
      table: tableKey(table),
      blue: { ...table, columns: shared },
      green: { ...counterpart, columns: shared },
      compareRows: !moved,
    });
  }
  return { tables, excluded };
}

function covers(declaration: { schema?: string; table: string }, table: TableFacts): boolean {
  return declaration.table === table.name && (declaration.schema === undefined || declaration.schema === table.schema);
}

export function tableKey(table: { schema: string; name: string }): string {
  return `${table.schema}.${table.name}`;
}

export function compareDigests(table: string, blue: TableDigest, green: TableDigest): Mismatch[] {
  if (blue.unreadable !== undefined || green.unreadable !== undefined) {
    return [{ kind: 'content', object: table, message: `cannot be compared: ${blue.unreadable ?? green.unreadable}` }];
  }
  if (blue.rows !== green.rows) {
    return [{ kind: 'rows', object: table, message: `${blue.rows} rows on blue, ${green.rows} on green` }];
  }
  if (blue.digest !== green.digest) {
    return [{ kind: 'content', object: table, message: `${blue.rows} rows on both sides, but their contents differ` }];
  }
  return [];
}
