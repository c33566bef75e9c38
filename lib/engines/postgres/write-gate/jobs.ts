/** Jobs the database runs by itself: they must not run on green before it serves, nor on blue afterwards. */
import { dropTables, isThere, makeTable } from '../run-record/own-schema';
import type { Session } from '../session/session';

/** pg_cron keeps its jobs in this table of one database of the server; other schedulers are refused by the guardrails. */
async function hasJobs(session: Session): Promise<boolean> {
  const [row] = await session.query<{
    found: boolean;
  }>(`select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'cron' and c.relname = 'job') as found`);
  return row?.found === true;
}

/** Pauses every job that is active, and remembers which: those that were paused before stay so. */
export async function pauseJobs(session: Session): Promise<void> {
  if (!(await hasJobs(session))) {
    return;
  }
  await session.transaction(async () => {
    await makeTable(session, 'paused_job', 'jobid bigint primary key');
    await session.query(
      `with paused as (update cron.job set active = false where active returning jobid)
       insert into bluegreen.paused_job select jobid from paused on conflict do nothing`,
    );
  });
}

export async function resumeJobs(session: Session): Promise<void> {
  if (!(await isThere(session, 'paused_job')) || !(await hasJobs(session))) {
    return;
  }
  await session.transaction(async () => {
    await session.query('update cron.job set active = true where jobid in (select jobid from bluegreen.paused_job)');
    await dropTables(session, ['paused_job']);
  });
}
