/** The seed: the position in blue's WAL at which the snapshot green was made from ends, as green itself knows it. */
import type { Session } from './session';

/**
 * The first that exists is asked. Aurora: user guide, aurora_volume_logical_start_lsn. RDS: user guide, rds_tools functions.
 * Upstream: where crash recovery ended, known until the next restart; whether RDS gives the same is unverified.
 */
const METHODS: readonly { readonly exists: string; readonly ask: string }[] = [
  {
    exists: `to_regprocedure('aurora_volume_logical_start_lsn()') is not null`,
    ask: 'select aurora_volume_logical_start_lsn()::text as seed',
  },
  {
    exists: `exists (select from pg_available_extension_versions where name = 'rds_tools' and version::numeric >= 1.9)
      or to_regprocedure('rds_tools.logical_seed_lsn()') is not null`,
    ask: 'select rds_tools.logical_seed_lsn()::text as seed',
  },
  { exists: 'true', ask: 'select pg_last_wal_replay_lsn()::text as seed' },
];

/** @returns undefined when green does not know (any more) */
export async function readSeed(session: Session): Promise<string | undefined> {
  for (const { exists, ask } of METHODS) {
    const [method] = await session.query<{ exists: boolean }>(`select ${exists} as exists`);
    if (!method?.exists) {
      continue;
    }
    if (ask.includes('rds_tools')) {
      await session.query('create extension if not exists rds_tools');
    }
    const [row] = await session.query<{ seed: string | null }>(ask);
    return row?.seed ?? undefined;
  }
  return undefined;
}
