/** Gives green fresh statistics after its changes, table by table, as far as one invocation goes. */
import type { TableName } from '../../lib/core/declarations';
import { DatabaseRefused } from '../../lib/core/errors';
import { type Waiting, waiting } from '../../lib/core/progress';
import type { Database } from '../../lib/ports/database';

/** After the first, a table is begun only while so much of the invocation is left. */
const LEAST_MS = 10 * 60_000;

/** @param remainingMs what is left of the invocation @returns undefined when no table is left */
export async function analyzeTables(green: Database, remainingMs: () => number): Promise<Waiting | undefined> {
  const tables = await green.tablesToAnalyze();
  for (const [analyzed, table] of tables.entries()) {
    if (analyzed > 0 && remainingMs() < LEAST_MS) {
      return waiting(1, `${tables.length - analyzed} tables of green are still to be analyzed`);
    }
    await analyze(green, table);
  }
  return undefined;
}

/** A table the server cannot analyze keeps the statistics it has: blue's is in the same state, and it is no reason to undo a run. */
async function analyze(green: Database, table: TableName): Promise<void> {
  try {
    await green.analyze(table);
  } catch (error) {
    if (!(error instanceof DatabaseRefused)) {
      throw error;
    }
  }
}
