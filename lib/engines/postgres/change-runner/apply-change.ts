/** Applies a change together with its ledger entry: in one statement, which the server finishes even when nobody listens any more. */
import { type Client, DatabaseError } from 'pg';
import { ChangeFailed, TemporarilyUnavailable } from '../../../core/errors';
import { Session, type SessionOptions } from '../session/session';
import { type Application, beginAttempt, makeAttempts, noteFailure, unfailedAttempts } from './change-attempts';
import { makeLedger, readLedger } from './ledger';
import { CHANGE_APPLICATION_NAME, claimChanges, releaseChanges } from './running-change';
import { type FailedStatement, locate } from './statement-location';

/** Before the end of the waiting the server begins to keep a failure for later, so that none comes when nobody listens. */
const LAST_WORD_MS = 1_000;

/**
 * What the session of a change is on top of every session of a run. Green is exclusive: whoever holds a lock there is worth
 * waiting for. A session that works must not notice that its client is gone, so it neither looks for it nor says anything to
 * it; one that has nothing to do must go, or its lock would stay.
 */
const SETTINGS = `
  select set_config('bluegreen.run_id', $1, false), set_config('lock_timeout', '0', false),
         set_config('client_connection_check_interval', '0', false), set_config('client_min_messages', 'error', false),
         set_config('idle_session_timeout', '10s', false)`;

/** How the server tells those who listen which statement fails. */
const FAILING = 'BG001';

/**
 * A session of its own: what a change sets in its session must not reach the next.
 *
 * @returns `running` when the server is at it still, or at another invocation's
 */
export async function applyChange(
  options: SessionOptions,
  application: Application,
  waitMs: number,
): Promise<'applied' | 'running'> {
  const own = new Session({ ...options, applicationName: CHANGE_APPLICATION_NAME });
  try {
    await own.query(SETTINGS, [application.runId]);
    const client = await own.connected();
    if (!(await claimChanges(own))) {
      return 'running';
    }
    await makeLedger(own);
    await makeAttempts(own);
    // another invocation may have been at it until just now
    if (!(await isApplied(own, application))) {
      const attempt = await beginAttempt(own, application, Math.max(0, waitMs - LAST_WORD_MS));
      requireSame(client, await own.connected());
      if (!(await within(waitMs, send(own, client, application, attempt)))) {
        return 'running';
      }
      await unfailedAttempts(own, application);
    }
    await releaseChanges(own);
    return 'applied';
  } finally {
    await own.close(); // in the middle of a statement that cuts the connection, and the server goes on
  }
}

async function isApplied(session: Session, { change }: Application): Promise<boolean> {
  return (await readLedger(session)).some(({ number }) => number === change.number);
}

/** The lock and the settings are gone with the connection that had them. */
function requireSame(client: Client, now: Client): void {
  if (client !== now) {
    throw new TemporarilyUnavailable('the connection that applies a change', { cause: new Error('it broke') });
  }
}

async function send(own: Session, client: Client, application: Application, attempt: string): Promise<void> {
  const { change } = application;
  let statement = change.statements.length; // what fails behind them all, the commit has brought about
  client.on('notice', ({ code, message }) => {
    if (code === FAILING) {
      statement = Number(message);
    }
  });
  try {
    await client.query(oneByOne(attempt));
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code === undefined || /^(08|57P)/.test(error.code)) {
      throw new TemporarilyUnavailable('the connection that applies a change', { cause: error });
    }
    const { code, message, detail, internalPosition, internalQuery } = error;
    const failed: FailedStatement = { statement, code, message, detail, internalPosition, internalQuery };
    const failure = locate(change, failed);
    await noteFailure(own, attempt, { ...failed, detail: failure.serverDetail }).catch(() => undefined);
    throw new ChangeFailed(failure, { cause: error });
  }
}

/** @returns false when the work goes on after that time */
function within(ms: number, work: Promise<void>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), ms);
    work.then(() => resolve(true), reject).finally(() => clearTimeout(timer));
  });
}

/**
 * One transaction. A statement that fails undoes them all; then either the error itself goes to the client, with the place in
 * the statement, or it is written down, since nobody would hear it.
 */
function oneByOne(attempt: string): string {
  return `
do $apply$
declare
  attempt constant bigint := ${attempt};
  texts constant text[] := (select t.statements from bluegreen.change_attempt t where t.id = ${attempt});
  at int := 0;
  state text;
  said text;
  explained text;
  run constant text := current_setting('bluegreen.run_id');
begin
  begin
    for n in 1 .. cardinality(texts) loop
      at := n;
      perform set_config('application_name', '${CHANGE_APPLICATION_NAME} ' || at, true),
              set_config('bluegreen.run_id', run, false); -- the one before may have reset all
      if current_user = 'bluegreen' then
        perform set_config('search_path', string_agg(part, ', '), false)
           from regexp_split_to_table(current_setting('search_path'), '\\s*,\\s*') part where part <> '"$user"';
      end if;
      execute texts[at];
    end loop;
    set constraints all immediate; -- what is deferred has to fail here
    -- what the change set lasts to its end, and no longer: whose it was, the ledger is the run's
    reset session authorization;
    reset role;
    perform set_config('client_encoding', 'UTF8', false), set_config('bluegreen.run_id', run, false);
    insert into bluegreen.change (number, file, sha256, chain, run_id)
      select t.number, t.file, t.sha256, t.chain, t.run_id from bluegreen.change_attempt t where t.id = attempt;
  exception when query_canceled or assert_failure or others then
    get stacked diagnostics state = returned_sqlstate, said = message_text, explained = pg_exception_detail;
    if exists (select from bluegreen.change_attempt t where t.id = attempt and t.attended_until > clock_timestamp()) then
      raise info using errcode = '${FAILING}', message = at;
      raise;
    end if;
    update bluegreen.change_attempt t
       set statement = at, code = state, message = said,
           detail = case when state !~ '^23' then nullif(explained, '') end -- those quote the values of rows
     where t.id = attempt;
  end;
end $apply$`;
}
