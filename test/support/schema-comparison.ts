/** Compares two databases as the validation does, without the phases around it. */

import { explain } from '../../lambdas/steps/comparing';
import type { Plan } from '../../lib/core/plan';
import type { DeclaredBy } from '../../lib/core/schema';
import { compareSchemas } from '../../lib/core/schema-differences';
import type { Mismatch } from '../../lib/core/verdict';
import { parseChange } from '../../lib/engines/postgres/changes/statement-parser';
import type { PostgresDatabase } from '../../lib/engines/postgres/postgres-database';

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

export interface ComparingOptions {
  readonly timeZone?: string;
  readonly unseen?: boolean;
  readonly report?: Plan['report'];
}

/** Two quiet databases of one server. */
export async function compare(
  blue: PostgresDatabase,
  green: PostgresDatabase,
  declarations: readonly DeclaredBy[],
  { timeZone = 'UTC', unseen = true, report = { showValues: true, rowsNamed: 10 } }: ComparingOptions = {},
): Promise<Comparison> {
  const comparison = blue.comparisonWith(green, { declared: declarations, unseen, timeZone });
  await comparison.mark({ atMs: 0, following: false, lockTimeoutMs: 500, seconds: 600 });
  try {
    await comparison.compareRanges(1, () => false);
    const { differing } = await comparison.result();
    const world = { plan: { report }, remainingMs: () => 900_000 };
    return await comparison.atMoment(async ({ schemas, tables, excluded }) => ({
      schema: compareSchemas(schemas.blue, schemas.green, declarations),
      contents: await explain(world, comparison, differing),
      excluded,
      tables: tables.map(({ schema, name }) => `${schema}.${name}`),
    }));
  } finally {
    await comparison.end();
  }
}
