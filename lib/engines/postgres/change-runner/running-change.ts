/** The change that the server is at: one at a time, found by the lock of the session that applies it. */
import { RUN_APPLICATION_NAME, type Session } from '../session/session';

/** Name of the session that applies a change; which statement it is at follows. */
export const CHANGE_APPLICATION_NAME = `${RUN_APPLICATION_NAME} change, statement`;

/** Held by that session until it is done, or gone; so of two invocations only one applies. */
const LOCK = `hashtext('bluegreen.change'), 0`;

/** @returns false when another session has it */
export async function claimChanges(session: Session): Promise<boolean> {
  const [row] = await session.query<{ claimed: boolean }>(`select pg_try_advisory_lock(${LOCK}) as claimed`);
  return row?.claimed === true;
}

export async function releaseChanges(session: Session): Promise<void> {
  await session.query(`select pg_advisory_unlock(${LOCK})`);
}

const HOLDER = `
  select pid from pg_locks
   where locktype = 'advisory' and granted and objsubid = 2 and objid = 0
     and classid::bigint = hashtext('bluegreen.change')::bigint & x'ffffffff'::bigint
     and database = (select oid from pg_database where datname = current_database())`;

/** How a statement gets on, where the server says it. */
const PROGRESS = `
  select format('%s, %s of %s blocks', phase, blocks_done, blocks_total) as text
    from pg_stat_progress_create_index where pid = a.pid
   union all
  select format('%s, %s of %s blocks', phase, heap_blks_scanned, heap_blks_total)
    from pg_stat_progress_cluster where pid = a.pid
   union all
  select format('%s rows copied', tuples_processed) from pg_stat_progress_copy where pid = a.pid
   union all
  select 'waiting for a lock' where a.wait_event_type = 'Lock'`;

interface Running {
  readonly file: string;
  readonly seconds: number;
  readonly statement: string | null;
  readonly statements: number;
  readonly progress: string | null;
}

/** @returns in words what the server is at, and how far; undefined when it applies no change */
export async function runningChange(session: Session): Promise<string | undefined> {
  const [holder] = await session.query<{ begun: boolean }>(
    `select to_regclass('bluegreen.change_attempt') is not null as begun from (${HOLDER}) holder`,
  );
  if (!holder) {
    return undefined;
  }
  const [running] = holder.begun
    ? await session.query<Running>(
        `select t.file, extract(epoch from clock_timestamp() - t.begun_at)::int as seconds,
                substring(a.application_name from '\\d+$') as statement, cardinality(t.statements) as statements,
                (select string_agg(text, '; ') from (${PROGRESS}) progress) as progress
           from pg_stat_activity a, (select * from bluegreen.change_attempt order by id desc limit 1) t
          where a.pid in (${HOLDER}) and t.begun_at > a.backend_start`,
      )
    : [];
  return running ? inWords(running) : 'the server is just beginning or ending a change';
}

function inWords({ file, seconds, statement, statements, progress }: Running): string {
  return [
    `the server has been applying changes/${file} for ${seconds} s`,
    ...(statement === null ? [] : [`statement ${statement} of ${statements}`]),
    ...(progress === null ? [] : [progress]),
  ].join('; ');
}

/** Ends the session of the change that is being applied, so that nothing of it is; resolves when it is gone. */
export async function endRunningChange(session: Session): Promise<void> {
  await session.query(`select pg_terminate_backend(pid, 5000) from (${HOLDER}) holder`);
}
