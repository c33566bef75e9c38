/** What differs in a table: rows by their keys, columns, and values as far as they may be shown. */
import type { TableName } from './declarations';
import type { Mismatch, ValuePair } from './verdict';

export type DifferingRow =
  | { readonly kind: 'differs'; readonly key: Readonly<Record<string, string>>; readonly columns: readonly ValuePair[] }
  | { readonly kind: 'missing' | 'added'; readonly key: Readonly<Record<string, string>> }
  /** The key is none on green. */
  | {
      readonly kind: 'copies';
      readonly key: Readonly<Record<string, string>>;
      readonly blue: number;
      readonly green: number;
    }
  /** Of a table without a key: how often a row is there. */
  | {
      readonly kind: 'count';
      readonly blue: number;
      readonly green: number;
      readonly values: Readonly<Record<string, string | null>>;
    };

export interface Difference {
  readonly table: TableName;
  readonly rows: readonly DifferingRow[];
  /** All rows that differ, with those that are not named. */
  readonly count: number;
  /** There may be more: the search was ended. */
  readonly atLeast: boolean;
}

/** A value is cut off here; where two differ further on only, both are shown from before that place. */
const SHOWN_CHARACTERS = 80;
const SHOWN_COLUMNS = 5;

export interface ShowOptions {
  readonly showValues: boolean;
}

export function mismatchesOf({ table, rows, count, atLeast }: Difference, options: ShowOptions): Mismatch[] {
  const object = `${table.schema}.${table.name}`;
  const named = rows.map(
    (row): Mismatch => ({ kind: 'content', object, message: describe(row, options), ...facts(row, options) }),
  );
  const rest = count - rows.length;
  if (rows.length === 0 && atLeast) {
    const message = 'its digests differ, and the search for the rows was ended before it found one that is not equal';
    return [{ kind: 'content', object, message }];
  }
  return rest > 0 || atLeast
    ? [...named, { kind: 'content', object, message: `${atLeast ? 'at least ' : ''}${rest} more rows differ` }]
    : named;
}

function facts(row: DifferingRow, options: ShowOptions): Partial<Mismatch> {
  if (row.kind === 'count') {
    return {};
  }
  return {
    key: Object.fromEntries(
      Object.entries(row.key).map(([column, value]) => [column, value.slice(0, SHOWN_CHARACTERS)]),
    ),
    ...(row.kind === 'differs' && {
      columns: row.columns.slice(0, SHOWN_COLUMNS).map((pair) => shown(pair, options)),
    }),
  };
}

function describe(row: DifferingRow, options: ShowOptions): string {
  switch (row.kind) {
    case 'missing':
      return `row ${keyInWords(row.key)} is missing on green`;
    case 'added':
      return `row ${keyInWords(row.key)} is on green only`;
    case 'differs':
      return `row ${keyInWords(row.key)}: ${columnsInWords(row.columns, options)}`;
    case 'copies':
      return `row ${keyInWords(row.key)} is there ${times(row.blue)} on blue and ${times(row.green)} on green`;
    case 'count':
      return `row ${valuesInWords(row.values, options)} is there ${times(row.blue)} on blue and ${times(row.green)} on green`;
  }
}

function valuesInWords(values: Readonly<Record<string, string | null>>, options: ShowOptions): string {
  const all = Object.entries(values);
  const some = all.slice(0, SHOWN_COLUMNS).map(([column, value]) => `${column} ${shownValue(value, options)}`);
  const more = all.length - some.length;
  return `(${some.join(', ')}${more > 0 ? `, and ${more} more columns` : ''})`;
}

function times(count: number): string {
  return count === 0 ? 'not' : count === 1 ? 'once' : `${count} times`;
}

function keyInWords(key: Readonly<Record<string, string>>): string {
  return `(${Object.entries(key)
    .map(([column, value]) => `${column} = ${excerpt(value, 0)}`)
    .join(', ')})`;
}

function pairInWords({ column, blue, green }: ValuePair): string {
  return `${column} is ${blue ?? 'null'} on blue and ${green ?? 'null'} on green`;
}

function columnsInWords(columns: readonly ValuePair[], options: ShowOptions): string {
  const some = columns.slice(0, SHOWN_COLUMNS).map((pair) => pairInWords(shown(pair, options)));
  const more = columns.length - some.length;
  return `${some.join('; ')}${more > 0 ? `; and ${more} more columns differ` : ''}`;
}

function shown({ column, blue, green }: ValuePair, { showValues }: ShowOptions): ValuePair {
  if (!showValues) {
    return { column, blue: redacted(blue), green: redacted(green) };
  }
  const from = Math.max(0, commonLength(blue ?? '', green ?? '') - SHOWN_CHARACTERS / 2);
  const shortOf = (value: string | null) => (value === null ? null : excerpt(value, from));
  return { column, blue: shortOf(blue), green: shortOf(green) };
}

function shownValue(value: string | null, { showValues }: ShowOptions): string {
  return value === null ? 'null' : showValues ? excerpt(value, 0) : (redacted(value) ?? '');
}

function redacted(value: string | null): string | null {
  return value === null ? null : `(${value.length} characters)`;
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) {
    length += 1;
  }
  return length;
}

/** At most so many characters of it, with a sign of what is left out. */
function excerpt(value: string, from: number): string {
  const text = JSON.stringify(value.slice(from, from + SHOWN_CHARACTERS));
  return `${from > 0 ? '…' : ''}${text}${value.length > from + SHOWN_CHARACTERS ? '…' : ''}`;
}
