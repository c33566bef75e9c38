/** Compares two databases as the validation does, without the phases around it. */
import type { PostgresDatabase } from '../../lib/adapters/postgres/postgres-database';
import { parseChange } from '../../lib/adapters/postgres/statement-parser';
import { compareDigests, type DeclaredBy, planComparison } from '../../lib/core/schema';
import { compareSchemas } from '../../lib/core/schema-differences';
import type { Mismatch } from '../../lib/core/verdict';

export interface Comparison {
  readonly schema: readonly Mismatch[];
  readonly contents: readonly Mismatch[];
  readonly excluded: readonly string[];
  readonly tables: readonly string[];
}

/** What the text of a change declares, as if it were the file `0001_change.sql`. */
export function declared(sql: string): DeclaredBy[] {
  if (sql === '') {
    return [];
  }
  const parsed = parseChange(sql);
  if ('problem' in parsed) {
    throw new Error(parsed.problem);
  }
  return parsed.declarations.map((declaration) => ({ file: '0001_change.sql', declaration }));
}

export async function compare(
  blue: PostgresDatabase,
  green: PostgresDatabase,
  declarations: readonly DeclaredBy[],
): Promise<Comparison> {
  const onBlue = await blue.schema();
  const onGreen = await green.schema();
  const plan = planComparison(onBlue, onGreen, declarations);
  const contents: Mismatch[] = [];
  for (const table of plan.tables.filter(({ compareRows }) => compareRows)) {
    contents.push(...compareDigests(table.table, await blue.digest(table.blue), await green.digest(table.green)));
  }
  return {
    schema: compareSchemas(onBlue, onGreen, declarations),
    contents,
    excluded: plan.excluded,
    tables: plan.tables.map(({ table }) => table),
  };
}
