/** Schemas as data, and which contents of both sides are compared under what the changes declare. */
import type { Declaration, ObjectName, TableName } from './declarations';
import type { Mismatch } from './verdict';

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
  /** Type as the server formats it, without modifier and with a schema unless it is the server's own. */
  readonly type: string;
  /** False for types without a hash function, or whose equality is not identity; their text form is compared. */
  readonly hashable: boolean;
}

export interface TableFacts {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ColumnFacts[];
  /** Tables it is a partition or child of, directly or not. */
  readonly ancestors: readonly TableName[];
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

/**
 * Which tables are compared over which columns: those both sides have, without the values the changes declare to rewrite.
 *
 * Where a change altered a type, green's value is cast to blue's type: what the new type could not hold then differs.
 */
export function planComparison(blue: Schema, green: Schema, declared: readonly DeclaredBy[]): ComparisonPlan {
  const greenTables = new Map(green.tables.map((table) => [JSON.stringify([table.schema, table.name]), table]));
  const tables: TableComparison[] = [];
  const excluded: string[] = [];
  for (const table of blue.tables) {
    const counterpart = greenTables.get(JSON.stringify([table.schema, table.name]));
    if (!counterpart) {
      // whether it may be gone is the schema comparison's business; that its rows were not compared is ours
      excluded.push(`rows of ${tableKey(table)}, which green does not have`);
      continue;
    }
    const moved = declared.find(({ declaration: d }) => d.kind === 'rows' && reaches(d, table));
    if (moved) {
      excluded.push(`rows of ${tableKey(table)}, changed by ${moved.file}`);
    }
    const shared = sharedColumns(table, counterpart, { declared, excluded });
    tables.push({
      table: tableKey(table),
      blue: { ...table, columns: shared },
      green: { ...counterpart, columns: shared },
      compareRows: !moved,
    });
  }
  return { tables, excluded };
}

interface Exclusions {
  readonly declared: readonly DeclaredBy[];
  /** Gets a line for every column that is left out. */
  readonly excluded: string[];
}

function sharedColumns(blue: TableFacts, green: TableFacts, { declared, excluded }: Exclusions): ColumnFacts[] {
  const onGreen = new Map(green.columns.map((column) => [column.name, column]));
  return blue.columns.flatMap((column) => {
    const counterpart = onGreen.get(column.name);
    const rewritten = declared.find(
      ({ declaration: d }) => d.kind === 'values' && reaches(d, blue) && d.column === column.name,
    );
    if (!counterpart || rewritten) {
      const why = rewritten ? `rewritten by ${rewritten.file}` : 'which green does not have';
      excluded.push(`values of ${tableKey(blue)}.${column.name}, ${why}`);
      return [];
    }
    return [comparable(column, counterpart)];
  });
}

/** A type of the application's own may be gone on green where a change replaced it: such a column is compared as text. */
function comparable(blue: ColumnFacts, green: ColumnFacts): ColumnFacts {
  const replaced = blue.type !== green.type && blue.type.includes('.');
  return replaced ? { name: blue.name, type: 'text', hashable: false } : blue;
}

function reaches(declaration: { schema?: string; table: string }, table: TableFacts): boolean {
  return [table, ...table.ancestors].some(
    ({ schema, name }) =>
      declaration.table === name && (declaration.schema === undefined || declaration.schema === schema),
  );
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
