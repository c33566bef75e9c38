/** Renews statistics: a table that was rewritten has none, and whoever plans a query without plans it badly. */
import { escapeIdentifier } from 'pg';
import type { TableName } from '../../../core/declarations';
import { TABLES } from '../guardrails/guardrail';
import type { Session } from '../session/session';

/** Of a server that does not track what it analyzes none is stale: it would be asked forever. */
const stale = (lastChange: string) => `
  select n.nspname as schema, c.relname as name
    from ${TABLES} and c.relkind in ('r', 'p', 'm') and c.relpersistence <> 't' and current_setting('track_counts')::bool
     and coalesce(greatest(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)) <= ${lastChange}, true)`;

/** Partitioned tables first: the server analyzes their partitions with them. */
export async function tablesToAnalyze(session: Session): Promise<TableName[]> {
  return session.query<TableName>(`${await staleTables(session)} order by c.relkind <> 'p', 1, 2`);
}

export async function analyze(session: Session, { schema, name }: TableName): Promise<void> {
  const sql = `${await staleTables(session)} and n.nspname = $1 and c.relname = $2`;
  if ((await session.query(sql, [schema, name])).length > 0) {
    await session.query(`analyze ${escapeIdentifier(schema)}.${escapeIdentifier(name)}`);
  }
}

/** Where no change was ever applied, every table that was analyzed at all is up to date. */
async function staleTables(session: Session): Promise<string> {
  const [ledger] = await session.query<{ found: boolean }>(
    `select to_regclass('bluegreen.change') is not null as found`,
  );
  const never = `'-infinity'::timestamptz`;
  return stale(ledger?.found ? `(select coalesce(max(applied_at), ${never}) from bluegreen.change)` : never);
}
