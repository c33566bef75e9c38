/** The database cluster that initdb makes, once per version of the server: what is needed from then on is a copy, in a fifth of the time. */
import { execFile } from 'node:child_process';
import { appendFile, chmod, chown, lstat, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { copyTree } from '../copy-tree';
import { InitdbFailed } from './errors';
import type { PostgresBinaries } from './postgres-binaries';
import { SETTINGS_FILE } from './settings-file';

/** RDS's own superuser. Nobody but the local runtime knows its password. */
export const ADMIN_USER = 'rdsadmin';

/**
 * Without a line for "replication", which is the physical one: no client of RDS gets that. A logical replication
 * connection names a database and matches the line for all of them.
 */
const CLIENT_AUTHENTICATION = 'host all all 127.0.0.1/32 scram-sha-256\n';

/**
 * Beside the programs, and ours, so that no server writes to it. Nobody can log in to a server on a copy until its superuser
 * is given a password. Two runtimes may make it at the same time.
 *
 * @throws InitdbFailed
 */
export async function clusterTemplate(binaries: PostgresBinaries): Promise<string> {
  const template = binaries.clusterTemplate;
  if (await exists(template)) return template;
  const scratch = await mkdtemp(`${template}-`);
  try {
    await chmod(scratch, 0o711); // initdb passes through
    const made = join(scratch, 'made');
    await initdb(binaries, made);
    const own = join(scratch, 'own');
    await copyTree(made, own);
    await rename(own, template);
  } catch (error) {
    if (!(await exists(template))) throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return template;
}

async function initdb(binaries: PostgresBinaries, dataDirectory: string): Promise<void> {
  await mkdir(dataDirectory, { mode: 0o700 });
  if (binaries.user) await chown(dataDirectory, binaries.user.uid, binaries.user.gid);
  try {
    await promisify(execFile)(binaries.initdb, initdbArguments(binaries.major, dataDirectory), {
      ...binaries.spawnOptions,
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    });
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string };
    throw new InitdbFailed(dataDirectory, `${stdout}${stderr}`.trim() || message, { cause: error });
  }
  await appendFile(join(dataDirectory, 'postgresql.conf'), `\ninclude_if_exists '${SETTINGS_FILE}'\n`);
  await writeFile(join(dataDirectory, 'pg_hba.conf'), CLIENT_AUTHENTICATION);
}

function initdbArguments(major: number, dataDirectory: string): string[] {
  return [
    `--pgdata=${dataDirectory}`,
    `--username=${ADMIN_USER}`,
    // of the lines this would write none is kept
    '--auth=trust',
    '--encoding=UTF8',
    // C exists on every machine; from 17 on the server brings its own C.UTF-8, which also knows letters beyond ASCII.
    '--locale=C',
    ...(major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : []),
    '--no-sync',
  ];
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
