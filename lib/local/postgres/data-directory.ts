/** Makes an empty PostgreSQL data directory whose superuser is `rdsadmin`, as on RDS. */
import { execFile } from 'node:child_process';
import { appendFile, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { InitdbFailed } from './errors';
import type { PostgresBinaries } from './postgres-binaries';
import { requireReachable } from './server-user';
import { SETTINGS_FILE } from './settings-file';

/** RDS's own superuser. Nobody but the local runtime knows its password. */
export const ADMIN_USER = 'rdsadmin';

/**
 * Without a line for "replication", which is the physical one: no client of RDS gets that. A logical replication
 * connection names a database and matches the line for all of them.
 */
const CLIENT_AUTHENTICATION = 'host all all 127.0.0.1/32 scram-sha-256\n';

export interface InitOptions {
  binaries: PostgresBinaries;
  /** Must not exist yet; its parent folder must. */
  dataDirectory: string;
  adminPassword: string;
}

/**
 * @throws StateFolderUnreachable
 * @throws InitdbFailed
 */
export async function initDataDirectory({ binaries, dataDirectory, adminPassword }: InitOptions): Promise<void> {
  await requireReachable(dirname(dataDirectory), binaries.user);
  await mkdir(dataDirectory, { mode: 0o700 });
  const passwordFile = `${dataDirectory}.password`;
  await writeFile(passwordFile, `${adminPassword}\n`, { mode: 0o600 });
  try {
    if (binaries.user) {
      await chown(dataDirectory, binaries.user.uid, binaries.user.gid);
      await chown(passwordFile, binaries.user.uid, binaries.user.gid);
    }
    await promisify(execFile)(binaries.initdb, initdbArguments(binaries.major, dataDirectory, passwordFile), {
      ...binaries.spawnOptions,
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    });
    await appendFile(join(dataDirectory, 'postgresql.conf'), `\ninclude '${SETTINGS_FILE}'\n`);
    // What initdb wrote is overwritten in place, so the file keeps its owner.
    await writeFile(join(dataDirectory, 'pg_hba.conf'), CLIENT_AUTHENTICATION);
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string };
    throw new InitdbFailed(dataDirectory, `${stdout}${stderr}`.trim() || message, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

function initdbArguments(major: number, dataDirectory: string, passwordFile: string): string[] {
  return [
    `--pgdata=${dataDirectory}`,
    `--username=${ADMIN_USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // C exists on every machine; from 17 on the server brings its own C.UTF-8, which also knows letters beyond ASCII.
    '--locale=C',
    ...(major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : []),
    '--no-sync',
  ];
}
