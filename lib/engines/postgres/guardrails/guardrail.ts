/** A guardrail: one query that finds violations, and the words for each of them. */
import { APPLICATION_RELATION } from '../run-record/own-schema';
import type { Session } from '../session/session';

/** What a query found out about one violation. */
export type Violation = Readonly<Record<string, string>>;

export interface Guardrail {
  /** Gives one row per violation. */
  readonly sql: string;
  readonly values?: readonly unknown[];
  /** What is wrong, and what to do about it. */
  readonly reason: (violation: Violation) => string;
}

/** Tables of the application; those of an extension are the extension's business. To be followed by further conditions. */
export const TABLES = `pg_class c join pg_namespace n on n.oid = c.relnamespace
  where ${APPLICATION_RELATION}
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`;

/** Those among them whose rows are published: partitions, not the tables above them. */
export const PUBLISHED_TABLES = `${TABLES} and c.relkind = 'r' and c.relpersistence = 'p'`;

export async function violations(session: Session, guardrails: readonly Guardrail[]): Promise<string[]> {
  const reasons: string[] = [];
  for (const { sql, values, reason } of guardrails) {
    reasons.push(...(await session.query<Violation>(sql, values)).map(reason));
  }
  return reasons;
}
