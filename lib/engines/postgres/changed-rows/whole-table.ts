/** Compares a table as a whole, where it is small: what changed in it has no name that both sides know. */
import type { ComparedTable } from '../../../core/comparison';
import type { Difference } from '../../../core/differences';
import { differingRows } from '../comparison/differing-rows';
import { digestStatement, relation } from '../comparison/digest';
import type { Session } from '../session/session';
import type { Sides } from './named-rows';

/** A table is small while it has no more on either side: reading it takes milliseconds, also while writers wait. */
export const SMALL_TABLE_BYTES = 8 * 1_048_576;

interface Digest {
  rows: string;
  digest: string;
}

export async function isSmall(sides: Sides, table: ComparedTable): Promise<boolean> {
  const sizes = await Promise.all([sides.blue, sides.green].map((session) => bytes(session, table)));
  return sizes.every((size) => size <= SMALL_TABLE_BYTES);
}

async function bytes(session: Session, table: ComparedTable): Promise<number> {
  const [row] = await session.query<{ bytes: number | null }>(
    'select pg_table_size(to_regclass($1))::float8 as bytes',
    [relation(table)],
  );
  return row?.bytes ?? 0;
}

/** @returns undefined when both sides hold the same rows */
export async function differenceOfWhole(
  sides: Sides,
  table: ComparedTable,
  limit: number,
): Promise<Difference | undefined> {
  const [blue, green] = await Promise.all([sides.blue, sides.green].map((session) => digestOf(session, table)));
  if (blue?.rows === green?.rows && blue?.digest === green?.digest) {
    return undefined;
  }
  const difference = await differingRows(sides, table, { rows: Number(blue?.rows ?? 0), limit });
  return difference.count > 0 || difference.atLeast ? difference : undefined;
}

async function digestOf(session: Session, table: ComparedTable): Promise<Digest | undefined> {
  return (await session.read<Digest>(digestStatement(table)))[0];
}
