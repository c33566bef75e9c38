/** The values of rows that differ in form: which of them the server takes for equal. */
import { escapeIdentifier } from 'pg';
import type { ComparedColumn, ComparedTable } from '../../../core/comparison';
import { DatabaseRefused } from '../../../core/errors';
import type { ValuePair } from '../../../core/verdict';
import type { Session } from '../session/session';
import type { Key, KeyRanges } from './key-ranges';

/** The columns of one row on one side: as stored, and in each type it is compared as. */
export type RowValues = readonly { readonly own: string | null; readonly read: readonly (string | null)[] }[];

/** Of every column of a row, something that is the same for values that are equal. */
type Forms = readonly string[];

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

  /** @returns what tells these rows apart as the server does */
  async forms(session: Session, rows: readonly RowValues[]): Promise<(row: RowValues) => Forms> {
    const classes: ReadonlyMap<string, number>[][] = [];
    for (const [index, column] of this.table.columns.entries()) {
      const ofColumn: ReadonlyMap<string, number>[] = [];
      for (const [reading, type] of column.types.entries()) {
        const texts = [...new Set(rows.flatMap((row) => row[index]?.read[reading] ?? []))];
        ofColumn.push(await equalTexts(session, { column, type }, texts));
      }
      classes.push(ofColumn);
    }
    return (row) =>
      row.map(({ read }, index) =>
        JSON.stringify(read.map((text, reading) => text && classes[index]?.[reading]?.get(text))),
      );
  }

  differingColumns(forms: (row: RowValues) => Forms, blue: RowValues, green: RowValues): ValuePair[] {
    const [ofBlue, ofGreen] = [forms(blue), forms(green)];
    return this.table.columns.flatMap(({ name }, index) =>
      ofBlue[index] === ofGreen[index]
        ? []
        : [{ column: name, blue: blue[index]?.own ?? null, green: green[index]?.own ?? null }],
    );
  }

  named(row: RowValues): Record<string, string | null> {
    return Object.fromEntries(this.table.columns.map(({ name }, index) => [name, row[index]?.own ?? null]));
  }
}

/** Numbers the texts; those whose values are equal get the same. A type without an equality has that of its texts. */
async function equalTexts(
  session: Session,
  { column: { collation }, type }: { readonly column: ComparedColumn; readonly type: string },
  texts: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const apart = new Map(texts.map((text, index) => [text, index]));
  if (texts.length < 2) {
    return apart;
  }
  const value = `text::${type}${collation === undefined ? '' : ` collate ${collation}`}`;
  try {
    const rows = await session.transaction(() =>
      session.query<{ text: string; class: number }>(
        `select text, min(number) over (partition by ${value})::int as class from unnest($1::text[]) with ordinality t (text, number)`,
        [texts],
      ),
    );
    return new Map(rows.map((row) => [row.text, row.class]));
  } catch (error) {
    if (error instanceof DatabaseRefused) {
      return apart;
    }
    throw error;
  }
}
