/** The plan of a comparison: which tables are read how on both sides, and what is left out. */
import type { Declaration, TableName } from './declarations';
import {
  type ColumnFacts,
  type DeclaredBy,
  reaches,
  type Schema,
  type TableFacts,
  tableKey,
  tableName,
} from './schema';

/** A column that both sides have, and the types both are read as: several where only together they show what a conversion lost. */
export interface ComparedColumn {
  readonly name: string;
  readonly types: readonly string[];
  /** Whether its type, with modifier, or its collation is another one on green. */
  readonly altered: boolean;
  /** The collation of both; undefined where there is none, or none that both have. */
  readonly collation?: string;
}

/** A table that both sides have; both are read in the same way. */
export interface ComparedTable extends TableName {
  readonly columns: readonly ComparedColumn[];
  /** Whether a change touched it, or may have. Otherwise its rows came by the copy and by replication alone. */
  readonly touched: boolean;
  /** Columns that identify a row and are the same on both sides; empty where there are none. */
  readonly key: readonly string[];
}

export interface ComparisonPlan {
  readonly tables: readonly ComparedTable[];
  /** Columns and tables left out, each with the reason. */
  readonly excluded: readonly string[];
}

/** Whether a value of one type can be read as the other on that side. */
export type Readable = (side: 'blue' | 'green', from: string, to: string) => boolean;

export interface AlteredType {
  readonly blue: string;
  readonly green: string;
}

type Tables = Pick<Schema, 'tables'>;

/** The types that differ between the sides, each pair once: it has to be asked what can be read as what. */
export function alteredTypes(blue: Tables, green: Tables): AlteredType[] {
  const onGreen = tablesByKey(green);
  const pairs = new Map<string, AlteredType>();
  for (const table of blue.tables) {
    const counterparts = columnsByName(onGreen.get(tableKey(table)));
    for (const column of table.columns) {
      const counterpart = counterparts.get(column.name);
      if (counterpart && counterpart.type !== column.type) {
        const pair = { blue: column.type, green: counterpart.type };
        pairs.set(JSON.stringify(pair), pair);
      }
    }
  }
  return [...pairs.values()];
}

/** Which tables are compared over which columns: those both sides have, without the values the changes declare to rewrite. */
export function planComparison(
  blue: Tables,
  green: Tables,
  { declared, unseen }: { readonly declared: readonly DeclaredBy[]; readonly unseen: boolean },
  readable: Readable,
): ComparisonPlan {
  const onGreen = tablesByKey(green);
  const tables: ComparedTable[] = [];
  const excluded: string[] = [];
  for (const table of blue.tables) {
    const counterpart = onGreen.get(tableKey(table));
    if (!counterpart) {
      // whether it may be gone is the schema comparison's business; that its rows were not compared is ours
      excluded.push(`rows of ${tableName(table)}, which green does not have`);
      continue;
    }
    const moved = declared.find(({ declaration: d }) => d.kind === 'rows' && reaches(d, table));
    if (moved) {
      excluded.push(`rows of ${tableName(table)}, changed by ${moved.file}`);
      continue;
    }
    const columns = comparedColumns(table, counterpart, { declared, readable, excluded });
    const touched = unseen || declared.some(({ declaration }) => touches(declaration, table));
    tables.push({ schema: table.schema, name: table.name, columns, touched, key: comparedKey(table, columns) });
  }
  return { tables, excluded };
}

function touches(declaration: Declaration, table: TableFacts): boolean {
  return 'table' in declaration
    ? reaches(declaration, table)
    : (declaration.kind === 'relation' || declaration.kind === 'table') &&
        reaches({ ...declaration, table: declaration.name }, table);
}

interface Comparing {
  readonly declared: readonly DeclaredBy[];
  readonly readable: Readable;
  /** Gets a line for every column that is left out. */
  readonly excluded: string[];
}

function comparedColumns(blue: TableFacts, green: TableFacts, comparing: Comparing): ComparedColumn[] {
  const { declared, readable, excluded } = comparing;
  const onGreen = columnsByName(green);
  return blue.columns.flatMap((column) => {
    const counterpart = onGreen.get(column.name);
    const rewritten = declared.find(
      ({ declaration: d }) => d.kind === 'values' && reaches(d, blue) && d.column === column.name,
    );
    if (!counterpart || rewritten) {
      const why = rewritten ? `rewritten by ${rewritten.file}` : 'which green does not have';
      excluded.push(`values of ${tableName(blue)}.${column.name}, ${why}`);
      return [];
    }
    return [comparedColumn(column, counterpart, readable)];
  });
}

function comparedColumn(blue: ColumnFacts, green: ColumnFacts, readable: Readable): ComparedColumn {
  const sameCollation = blue.collation === green.collation;
  return {
    name: blue.name,
    types: blue.type === green.type ? [blue.type] : typesOfBoth(blue.type, green.type, readable),
    altered: blue.type !== green.type || blue.modified !== green.modified || !sameCollation,
    ...(sameCollation && blue.collation !== undefined && { collation: blue.collation }),
  };
}

const STRINGS = ['text', 'character varying', 'character', 'name'];
const WITHOUT_EQUALITY = ['json', 'xml'];

/**
 * Both types where both sides can be read as both: what a conversion has cut off shows in the former type, what it has
 * shifted in the new one. Of a text and what was made of it only the latter says whether they mean the same, and so does
 * of two types the one that has an equality.
 */
function typesOfBoth(blue: string, green: string, readable: Readable): string[] {
  const common = [blue, green].filter(
    (type) => (type === blue || readable('blue', blue, type)) && (type === green || readable('green', green, type)),
  );
  const telling = common.filter((type) => !WITHOUT_EQUALITY.includes(type));
  const own = telling.filter((type) => !STRINGS.includes(type));
  const [best = []] = [own, telling, common].filter(({ length }) => length > 0);
  return best.length > 0 ? best : ['text'];
}

const INTEGERS = ['smallint', 'integer', 'bigint'];

/** A key by which rows are found on both sides has to be ordered in the same way there. */
function comparedKey({ key }: TableFacts, columns: readonly ComparedColumn[]): readonly string[] {
  const usable = key.every((name) => {
    const column = columns.find((one) => one.name === name);
    return column && (!column.altered || column.types.every((type) => INTEGERS.includes(type)));
  });
  return usable ? key : [];
}

function tablesByKey({ tables }: Tables): ReadonlyMap<string, TableFacts> {
  return new Map(tables.map((table) => [tableKey(table), table]));
}

function columnsByName(table: TableFacts | undefined): ReadonlyMap<string, ColumnFacts> {
  return new Map(table?.columns.map((column) => [column.name, column]));
}
