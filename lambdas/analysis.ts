/** Gives green fresh statistics after its changes, table by table, as far as one invocation goes. */
import type { TableName } from '../lib/core/declarations';
import { DatabaseRefused } from '../lib/core/errors';
import { type Waiting, waiting } from '../lib/core/progress';
import type { Clock } from '../lib/ports/clock';
import type { Database } from '../lib/ports/database';

/** Another table is begun only while this much of the function's 15 minutes is gone. */
const BEGIN_WITHIN_MS = 5 * 60_000;

/** @param began when the invocation began @returns undefined when no table is left */
export async function analyzeTables(green: Database, clock: Clock, began: number): Promise<Waiting | undefined> {
  const tables = await green.tablesToAnalyze();
  for (const [analyzed, table] of tables.entries()) {
    if (clock.now() - began > BEGIN_WITHIN_MS) {
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
