/** The attempts to apply a change: written down before it is sent, so that one that was begun and is gone is known, and why it failed. */
import type { Change } from '../../../core/changes';
import { ChangeFailed, ChangeLost } from '../../../core/errors';
import { makeTable } from '../run-record/own-schema';
import type { Session } from '../session/session';
import { type FailedStatement, locate } from './statement-location';

/** As often a change may be begun and be gone, in the ledger neither nor failed. */
const MOST_ATTEMPTS = 3;

/** What is to be applied, for which run, and its place in the chain. */
export interface Application {
  readonly runId: string;
  readonly change: Change;
  readonly chain: string;
}

export async function makeAttempts(session: Session): Promise<void> {
  await makeTable(
    session,
    'change_attempt',
    `id bigint generated always as identity primary key,
    run_id text not null, number bigint not null, file text not null, sha256 text not null, chain text not null,
    statements text[] not null,
    begun_at timestamptz not null default clock_timestamp(),
    -- until then somebody hears of a failure; later the server writes it down here
    attended_until timestamptz not null,
    statement int, code text, message text, detail text`,
  );
}

/**
 * Begins an attempt, unless earlier ones say that there is no point in it.
 *
 * @param attendedMs how long somebody will listen
 * @returns its id
 * @throws ChangeFailed when an earlier one failed
 * @throws ChangeLost when too many are gone without a trace
 */
export async function beginAttempt(session: Session, application: Application, attendedMs: number): Promise<string> {
  const { runId, change, chain } = application;
  const earlier = await unfailedAttempts(session, application);
  if (earlier >= MOST_ATTEMPTS) {
    throw new ChangeLost(`changes/${change.file}`, earlier);
  }
  const statements = change.statements.map(({ begin, end }) => change.sql.slice(begin, end));
  const [begun] = await session.query<{ id: string }>(
    `insert into bluegreen.change_attempt (run_id, number, file, sha256, chain, statements, attended_until)
     values ($1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(secs => $7)) returning id`,
    [runId, change.number, change.file, change.sha256, chain, statements, attendedMs / 1000],
  );
  return begun?.id ?? '';
}

/** @returns how many attempts there were. @throws ChangeFailed when one of them failed */
export async function unfailedAttempts(session: Session, { runId, change }: Application): Promise<number> {
  const attempts = await session.query<FailedStatement | { readonly code: null }>(
    `select statement, code, message, detail from bluegreen.change_attempt
      where run_id = $1 and number = $2 and sha256 = $3 order by id`,
    [runId, change.number, change.sha256],
  );
  for (const attempt of attempts) {
    if (attempt.code !== null) {
      throw new ChangeFailed(locate(change, attempt));
    }
  }
  return attempts.length;
}

/** So that nobody takes it for one that is gone without a trace. */
export async function noteFailure(session: Session, attempt: string, failed: FailedStatement): Promise<void> {
  const { statement, code, message, detail } = failed;
  await session.query(
    'update bluegreen.change_attempt set statement = $2, code = $3, message = $4, detail = $5 where id = $1',
    [attempt, statement, code, message, detail],
  );
}

/** Those of a change that was ended on purpose do not count. */
export async function forgetAttempts(session: Session, runId: string): Promise<void> {
  await makeAttempts(session);
  await session.query('delete from bluegreen.change_attempt where run_id = $1 and code is null', [runId]);
}
