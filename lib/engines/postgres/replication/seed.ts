/** The seed: the position in blue's WAL at which the snapshot green was made from ends, as green itself knows it. */

import type { Session } from '../session/session';
import { seedByRdsTools } from './rds-tools';

/**
 * Aurora: user guide, aurora_volume_logical_start_lsn. RDS: user guide, rds_tools functions. Upstream: where crash recovery
 * ended, known until the next restart; whether RDS gives the same is unverified.
 *
 * @returns undefined when green does not know (any more)
 */
export async function readSeed(session: Session): Promise<string | undefined> {
  const [server] = await session.query<{ aurora: boolean }>(
    `select to_regprocedure('aurora_volume_logical_start_lsn()') is not null as aurora`,
  );
  if (server?.aurora) {
    return ask(session, 'aurora_volume_logical_start_lsn()');
  }
  const byRdsTools = await seedByRdsTools(session);
  return byRdsTools === undefined ? ask(session, 'pg_last_wal_replay_lsn()') : (byRdsTools ?? undefined);
}

async function ask(session: Session, expression: string): Promise<string | undefined> {
  const [row] = await session.query<{ seed: string | null }>(`select ${expression}::text as seed`);
  return row?.seed ?? undefined;
}
