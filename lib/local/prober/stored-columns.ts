/** What the columns of the workload's read say: the key comes first, `value` and `complete` are known by their names. */
import type { FieldDef } from 'pg';
import { takesValue, type Workload } from './workload';

/** Where they stand among the columns. */
export interface StoredColumns {
  readonly value?: number;
  readonly complete?: number;
}

const INTEGERS: readonly number[] = [21, 23, 20];
const BOOLEAN = 16;

export class StoredColumnsUnusable extends Error {
  override readonly name = 'StoredColumnsUnusable';
  constructor(readonly problem: string) {
    super(
      `${problem}; allowed are the key, then "value" (an integer: the $2 stored last, which an update makes necessary) ` +
        'and "complete" (a boolean: whether all rows of the write are there)',
    );
  }
}

/** @throws StoredColumnsUnusable */
export function storedColumns(
  fields: readonly Pick<FieldDef, 'name' | 'dataTypeID'>[],
  { write, update }: Workload,
): StoredColumns {
  if (fields.length === 0) throw new StoredColumnsUnusable('it returns no column');
  const columns: { value?: number; complete?: number } = {};
  for (const [position, { name, dataTypeID }] of [...fields.entries()].slice(1)) {
    if (name !== 'value' && name !== 'complete') {
      throw new StoredColumnsUnusable(`it returns a column "${name}" that says nothing to the prober`);
    }
    if (columns[name] !== undefined) throw new StoredColumnsUnusable(`it returns two columns "${name}"`);
    if (name === 'value' ? !INTEGERS.includes(dataTypeID) : dataTypeID !== BOOLEAN) {
      const type = name === 'value' ? 'an integer' : 'a boolean';
      throw new StoredColumnsUnusable(`its column "${name}" is not ${type}, but of the type with oid ${dataTypeID}`);
    }
    columns[name] = position;
  }
  if (columns.value === undefined && update !== undefined) {
    throw new StoredColumnsUnusable('it returns no column "value", without which an update cannot be found again');
  }
  if (columns.value !== undefined && !takesValue(write)) {
    throw new StoredColumnsUnusable('it returns a column "value", but the write stores none: it does not take $2');
  }
  return columns;
}
