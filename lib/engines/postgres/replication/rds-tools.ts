/** RDS's extension rds_tools, which knows where a restored copy begins: asked without leaving a trace of it. */
import { DatabaseRefused } from '../../../core/errors';
import type { Session } from '../session/session';

/** The first version with `logical_seed_lsn`. Source: RDS for PostgreSQL release notes. */
const FIRST: readonly number[] = [1, 9];

/** @returns undefined where it is not offered; null when it does not know */
export async function seedByRdsTools(session: Session): Promise<string | null | undefined> {
  const way = await wayToAsk(session);
  return (
    way &&
    session.withoutTrace(async () => {
      await perform(session, way);
      const [row] = await session.query<{ seed: string | null }>('select rds_tools.logical_seed_lsn()::text as seed');
      return row?.seed ?? null;
    })
  );
}

/** Tried on blue, though not asked, so that what green would be refused is known before there is a green. */
export async function rdsToolsRefusals(session: Session): Promise<string[]> {
  const way = await wayToAsk(session);
  try {
    await (way && session.withoutTrace(() => perform(session, way)));
    return [];
  } catch (error) {
    if (!(error instanceof DatabaseRefused)) {
      throw error;
    }
    return [
      `the run's user may not use the extension rds_tools, which tells where green begins: ${error.serverMessage}; GRANT rds_superuser TO the run's user, and allow rds_tools in the parameter rds.allowed_extensions`,
    ];
  }
}

async function perform(session: Session, statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    await session.query(statement);
  }
}

/** Statements after which it can be asked; undefined where there is no such way. */
async function wayToAsk(session: Session): Promise<readonly string[] | undefined> {
  const [{ ready, installed, offered } = { ready: false, installed: false, offered: [] }] = await session.query<{
    ready: boolean;
    installed: boolean;
    offered: string[];
  }>(
    `select to_regprocedure('rds_tools.logical_seed_lsn()') is not null as ready,
            exists (select from pg_extension where extname = 'rds_tools') as installed,
            array(select version from pg_available_extension_versions where name = 'rds_tools') as offered`,
  );
  const version = newestWithSeed(offered);
  if (ready || version === undefined) {
    return ready ? [] : undefined;
  }
  return [
    installed ? `alter extension rds_tools update to '${version}'` : `create extension rds_tools version '${version}'`,
  ];
}

/** Of versions such as "1.9" and "1.10", of which the second is the newer one. */
export function newestWithSeed(versions: readonly string[]): string | undefined {
  return versions
    .filter((version) => /^\d+(\.\d+)*$/.test(version) && compareVersions(numbersOf(version), FIRST) >= 0)
    .sort((a, b) => compareVersions(numbersOf(a), numbersOf(b)))
    .at(-1);
}

function numbersOf(version: string): number[] {
  return version.split('.').map(Number);
}

function compareVersions(a: readonly number[], b: readonly number[]): number {
  const length = Math.max(a.length, b.length);
  const differences = Array.from({ length }, (_, index) => (a[index] ?? 0) - (b[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}
