/** The values of rows that differ: which columns are not equal, as the server itself says. */
import { escapeIdentifier } from 'pg';
import type { ComparedColumn, ComparedTable } from '../../core/comparison';
import { DatabaseRefused } from '../../core/errors';
import type { ValuePair } from '../../core/verdict';
import type { Key, KeyRanges } from './key-ranges';
import type { Session } from './session';

/** The columns of one row on one side: as stored, and in each type it is compared as. */
export type RowValues = readonly { readonly own: string | null; readonly read: readonly (string | null)[] }[];

export class Values {
  private readonly expressions: readonly string[];

  constructor(
    private readonly table: ComparedTable,
    private readonly ranges: KeyRanges,
  ) {
    this.expressions = table.columns.flatMap(({ name, types }) => {
      const column = escapeIdentifier(name);
      return [column, ...types.map((type) => `${column}::${type}`)];
    });
  }

  /** By the text of the key. */
  async of(session: Session, keys: readonly Key[]): Promise<ReadonlyMap<string, RowValues>> {
    if (keys.length === 0) {
      return new Map();
    }
    const rows = await this.ranges.texts(session, keys, this.expressions);
    return new Map(
      rows.map(({ key, texts }) => {
        const rest = [...texts];
        const values = this.table.columns.map(({ types }) => ({
          own: rest.shift() ?? null,
          read: types.map(() => rest.shift() ?? null),
        }));
        return [JSON.stringify(key), values];
      }),
    );
  }

  /** The columns that are not equal. */
  async differing(session: Session, blue: RowValues, green: RowValues): Promise<ValuePair[]> {
    const pairs: ValuePair[] = [];
    for (const [index, column] of this.table.columns.entries()) {
      const [one, other] = [blue[index], green[index]];
      if (one && other && !(await areEqual(session, column, one.read, other.read))) {
        pairs.push({ column: column.name, blue: one.own, green: other.own });
      }
    }
    return pairs;
  }
}

async function areEqual(
  session: Session,
  column: ComparedColumn,
  blue: readonly (string | null)[],
  green: readonly (string | null)[],
): Promise<boolean> {
  for (const [index, type] of column.types.entries()) {
    const [one, other] = [blue[index] ?? null, green[index] ?? null];
    if (one !== other && (one === null || other === null || !(await isEqual(session, { column, type }, one, other)))) {
      return false;
    }
  }
  return true;
}

/** Types without an equality have no other than that of their text. */
async function isEqual(
  session: Session,
  { column: { collation }, type }: { column: ComparedColumn; type: string },
  one: string,
  other: string,
): Promise<boolean> {
  const collate = collation === undefined ? '' : ` collate ${collation}`;
  try {
    const [answer] = await session.transaction(() =>
      session.query<{ equal: boolean }>(`select $1::text::${type}${collate} = $2::text::${type} as equal`, [
        one,
        other,
      ]),
    );
    return answer?.equal === true;
  } catch (error) {
    if (error instanceof DatabaseRefused) {
      return false;
    }
    throw error;
  }
}
