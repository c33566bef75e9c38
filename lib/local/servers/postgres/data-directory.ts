/** Makes an empty PostgreSQL data directory whose superuser is `rdsadmin`, as on RDS. */
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { escapeLiteral } from 'pg';
import { copyTree } from '../copy-tree';
import { ADMIN_USER, clusterTemplate } from './cluster-template';
import type { PostgresBinaries } from './postgres-binaries';
import { scramVerifier } from './scram-verifier';
import { requireReachable } from './server-user';

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
  await copyTree(await clusterTemplate(binaries), dataDirectory, { owner: binaries.user });
  await setAdminPassword(binaries, dataDirectory, adminPassword);
}

/** In the server's single-user mode, which asks for none. */
async function setAdminPassword(
  binaries: PostgresBinaries,
  dataDirectory: string,
  adminPassword: string,
): Promise<void> {
  const running = promisify(execFile)(
    binaries.postgres,
    ['--single', '-F', '-D', dataDirectory, '-c', 'exit_on_error=on', '-c', 'log_checkpoints=off', 'postgres'],
    { ...binaries.spawnOptions, env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' } },
  );
  running.child.stdin?.end(`alter role ${ADMIN_USER} password ${escapeLiteral(scramVerifier(adminPassword))}\n`);
  await running;
}
