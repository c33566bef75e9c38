/** The digest of a table or of a part of it: number of rows and sum of 64-bit row hashes, computed by the server, independent of the order of rows. */
import { escapeIdentifier } from 'pg';
import type { ComparedColumn, ComparedTable } from '../../../core/comparison';

/** Types whose own hash tells all values apart that are not equal. */
const HASHED = [
  'smallint',
  'integer',
  'oid',
  'date',
  'boolean',
  '"char"',
  'text',
  'character varying',
  'character',
  'name',
  'bytea',
  'uuid',
  'inet',
  'cidr',
  'macaddr',
  'macaddr8',
];

/**
 * Types whose own hash does not: it folds 64 bits to 32 (bigint and what is stored like it), ignores the sign of numbers
 * (numeric, jsonb), or is the seed itself for zero (real, double precision). Their binary form is hashed instead.
 */
const SENT: Readonly<Record<string, string>> = {
  bigint: 'int8send',
  'timestamp without time zone': 'timestamp_send',
  'timestamp with time zone': 'timestamptz_send',
  'time without time zone': 'time_send',
  'time with time zone': 'timetz_send',
  interval: 'interval_send',
  money: 'cash_send',
  pg_lsn: 'pg_lsn_send',
  xid8: 'xid8send',
  real: 'float4send',
  'double precision': 'float8send',
  numeric: 'numeric_send',
  jsonb: 'jsonb_send',
};

const STRINGS = ['text', 'character varying', 'character', 'name'];
const FLOATS = ['real', 'double precision'];
const INTEGERS = ['smallint', 'integer', 'bigint'];

/** A seed of 0 is no seed; keys are often 0, and never this. */
const ANY_BITS = '(-6148914691236517206)';
const SMALL_DOCUMENT_BYTES = 48;

/** A record holds at most 1,664 values, a table 1,600 columns, and some columns are hashed in several forms. */
const RECORD_VALUES = 1600;

type Hashing = Pick<ComparedTable, 'columns' | 'key' | 'touched'>;

/** A value in the forms that are hashed. What is not equal for the server never has the same forms; what is equal may have two. */
function exactForms(column: ComparedColumn, type: string): string[] {
  const value = `${escapeIdentifier(column.name)}::${type}`;
  const send = SENT[type];
  if (type === 'numeric' && column.altered) {
    return [`numeric_send(trim_scale(${value}))`]; // another scale is stored with other trailing zeros
  }
  if (type === 'numeric[]' && column.altered) {
    const trimmed = `array(select trim_scale(item) from unnest(${value}) as items (item))`;
    return [`${value} is null`, `array_dims(${value})`, `array_send(${trimmed})`];
  }
  if (send !== undefined) {
    return [`${send}(${value})`];
  }
  if (HASHED.includes(type)) {
    return [STRINGS.includes(type) && column.collation === undefined ? `(${value}) collate "C"` : value];
  }
  return [isArrayOfTheServersOwn(type) ? `array_send(${value})` : `(${value})::text collate "C"`];
}

/** The hash of an array tells neither its dimensions nor more of its elements than their own hash does. */
function isArrayOfTheServersOwn(type: string): boolean {
  const element = type.replace(/\[\]$/, '');
  return element !== type && (HASHED.includes(element) || SENT[element] !== undefined);
}

/**
 * The hash of a row. The hash of a record adds up those of its columns, so that a sum over rows would not see two rows
 * that swapped the values of one column. Therefore a row's key is the seed of its hash; where there is no key, the hash
 * of the row is hashed again.
 */
export function rowHash(table: ComparedTable): string {
  if (table.columns.length === 0) {
    return '0::bigint';
  }
  const forms = table.columns.flatMap((column) => column.types.flatMap((type) => formsInRow(table, column, type)));
  return table.key.length === 0
    ? `hashtextextended(${recordHash(forms, '0')}::text, 0)`
    : recordHash(forms, seed(table));
}

/** More values than a record holds are hashed in parts; the parts' hashes are hashed in turn, all of their bits. */
function recordHash(forms: readonly string[], seedOfAll: string): string {
  if (forms.length <= RECORD_VALUES) {
    return `hash_record_extended(row(${forms.join(', ')}), ${seedOfAll})`;
  }
  const parts: string[] = [];
  for (let from = 0; from < forms.length; from += RECORD_VALUES) {
    parts.push(`int8send(${recordHash(forms.slice(from, from + RECORD_VALUES), seedOfAll)})`);
  }
  return recordHash(parts, seedOfAll);
}

/**
 * Forms that cost less where that is enough: a key that is the seed needs no more than its own hash; nor does zero, the hash
 * of which is the seed, where the seeds of rows have nothing to do with each other; and where no change touched
 * a table, nothing can have changed the sign of a number inside a jsonb, as copy and replication carry documents whole.
 * Writing out documents costs more than all the rest. Small ones are written out all the same: their hash depends
 * on the seed alone, so that a sum would not see two rows that swap them.
 */
function formsInRow(table: Hashing, column: ComparedColumn, type: string): string[] {
  const name = escapeIdentifier(column.name);
  if (isSeed(table, column)) {
    return [`${name}::${type}`];
  }
  if (FLOATS.includes(type) && table.key.length > 0) {
    return [`${name}::${type}`];
  }
  const exact = exactForms(column, type);
  return type === 'jsonb' && table.key.length > 0 && !table.touched
    ? [`${name}::jsonb`, `case when pg_column_size(${name}) < ${SMALL_DOCUMENT_BYTES} then ${exact.join()} end`]
    : exact;
}

function integerKey({ columns, key }: Hashing): ComparedColumn | undefined {
  const [first] = key.length === 1 ? columns.filter(({ name }) => name === key[0]) : [];
  return first?.types.every((type) => INTEGERS.includes(type)) ? first : undefined;
}

function isSeed(table: Hashing, column: ComparedColumn): boolean {
  return integerKey(table) === column;
}

function seed(table: Hashing): string {
  const integer = integerKey(table);
  if (integer) {
    const key = `${escapeIdentifier(integer.name)}::bigint`;
    return `hashint8extended(${key}, ${key} # ${ANY_BITS})`;
  }
  const ofKey = table.key.flatMap((name) => table.columns.find((column) => column.name === name) ?? []);
  const forms = ofKey.flatMap((column) => column.types.flatMap((type) => exactForms(column, type)));
  return recordHash(forms, '0');
}

/** The statement that computes it; conditions on the rows may follow. @param also further columns */
export function digestStatement(table: ComparedTable, also?: string): string {
  const rest = also === undefined ? '' : `, ${also}`;
  return `select count(*)::text as rows, coalesce(sum(${rowHash(table)}), 0)::text as digest${rest} from only ${relation(table)}`;
}

export function relation({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}
