/** The digest of a table: number of rows and sum of 64-bit row hashes, computed by the server, independent of the order of rows. */
import { escapeIdentifier } from 'pg';
import { DatabaseRefused } from '../../core/errors';
import type { ColumnFacts, TableDigest, TableFacts } from '../../core/schema';
import type { Session } from './session';

/** SQLSTATEs that say a value or type cannot be read as the type it is compared as, or that there is no such type. */
const UNREADABLE = /^(22...|42846|42804|42704)$/;

export async function digestTable(session: Session, table: TableFacts): Promise<TableDigest> {
  const name = `${escapeIdentifier(table.schema)}.${escapeIdentifier(table.name)}`;
  // hash_record_extended adds up its columns' hashes with weights, so a sum over it would not see two rows that swapped
  // the values of one column; hashing each row's hash once more makes the sum see whole rows.
  const hash =
    table.columns.length > 0
      ? `hashtextextended(hash_record_extended(row(${table.columns.map(expression).join(', ')}), 0)::text, 0)`
      : '0';
  try {
    const [row] = await session.transaction(() =>
      session.query<{ rows: string; digest: string }>(
        `select count(*)::text as rows, coalesce(sum(${hash}::numeric), 0)::text as digest from only ${name}`,
      ),
    );
    return row ?? { rows: '0', digest: '0' };
  } catch (error) {
    if (error instanceof DatabaseRefused && UNREADABLE.test(error.sqlState)) {
      const [row] = await session.query<{ rows: string }>(`select count(*)::text as rows from only ${name}`);
      return { rows: row?.rows ?? '0', digest: '0', unreadable: error.serverMessage };
    }
    throw error;
  }
}

/** Both sides read a column as blue's type; what has no hash function is compared by its text form. */
function expression({ name, type, hashable }: ColumnFacts): string {
  const value = `${escapeIdentifier(name)}::${type}`;
  return hashable ? value : `(${value})::text collate "C"`;
}
