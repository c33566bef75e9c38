/** Runs the plan's own queries: read-only, and so that both sides answer in one form. */
import type { Answer, AnswerBounds } from '../../../core/answers';
import { DatabaseRefused } from '../../../core/errors';
import type { Timing } from '../../../core/speed';
import type { Session } from '../session/session';
import { type PlanNode, planShape } from './plan-shape';
import { fixTextForm } from './text-form';

/** Rows asked for at once: what is read beyond the bounds stays small. */
const BATCH = 100;

/** An invocation has to answer for all checks together. */
const LIMIT_MS = 180_000;

/** SQLSTATE of a statement that took longer than it may. */
const CANCELED = '57014';

/** The first rows of a query; as a cursor it can be nothing but a query. */
export function answer(session: Session, sql: string, bounds: AnswerBounds): Promise<Answer> {
  return session.transaction(async () => {
    await fixTextForm(session);
    await session.query(`select set_config('statement_timeout', '${LIMIT_MS}ms', true)`);
    await session.query(`declare bluegreen_check no scroll cursor for ${statement(sql)}`);
    const rows: (string | null)[][] = [];
    let characters = 0;
    for (;;) {
      const batch = await session.texts(`fetch forward ${BATCH} from bluegreen_check`);
      rows.push(...batch.rows);
      characters += batch.rows.flat().reduce((sum, value) => sum + (value?.length ?? 0), 0);
      const more = rows.length > bounds.rows || characters > bounds.characters;
      if (more || batch.rows.length < BATCH) {
        return { columns: batch.columns, rows: rows.slice(0, bounds.rows), more };
      }
    }
  }, 'read only');
}

/** @returns how long one run took, or undefined when it was ended after `limitMs` */
export async function time(session: Session, sql: string, limitMs: number): Promise<Timing | undefined> {
  try {
    return await session.transaction(async () => {
      await session.query(`select set_config('statement_timeout', $1, true)`, [`${limitMs}ms`]);
      const [row] = await session.query<{ 'QUERY PLAN': [{ Plan: PlanNode; 'Execution Time': number }] }>(
        `explain (analyze, timing off, buffers off, format json) ${statement(sql)}`,
      );
      const [explained] = row?.['QUERY PLAN'] ?? [];
      return explained && { ms: explained['Execution Time'], plan: planShape(explained.Plan) };
    }, 'read only');
  } catch (error) {
    if (error instanceof DatabaseRefused && error.sqlState === CANCELED) {
      return undefined;
    }
    throw error;
  }
}

function statement(sql: string): string {
  return sql.trim().replace(/;\s*$/, '');
}
