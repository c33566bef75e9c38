/** Takes a storage snapshot of a running server: a copy of its data directory that starts with recovery, while writers go on. */
import { randomUUID } from 'node:crypto';
import { chown, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import { type CopyTreeOptions, copyTree } from '../copy-tree';
import type { PostgresServer } from './postgres-server';

export interface CopyRunningOptions {
  /** Must not exist yet; its parent folder must. */
  destination: string;
  owner?: CopyTreeOptions['owner'];
  signal?: AbortSignal | undefined;
}

/** What a server makes anew at every start. The list is that of PostgreSQL's manual, "Making a Base Backup Using the Low Level API". */
const EMPTY = new Set(['pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans']);

/** The process files are the source's own; the other two are copied last, each for its own reason: see below. */
const LEFT_OUT = new Set(['postmaster.pid', 'postmaster.opts', 'pg_wal', 'global/pg_control']);

/**
 * The copy holds every transaction that was committed when this was called, and of later ones each whole or not at all: it
 * recovers to the position where the backup ended. Replication slots are in it, as they are in a snapshot of a volume.
 *
 * @returns the position (lsn) to which the copy will recover
 */
export async function copyRunningDataDirectory(server: PostgresServer, options: CopyRunningOptions): Promise<string> {
  const { destination, owner, signal } = options;
  const slot = `snapshot_${randomUUID().replaceAll('-', '')}`;
  return server.asAdmin(async (session) => {
    // Without a slot a checkpoint during the copy could recycle WAL that the copy needs. It ends with this session.
    await session.query('SELECT pg_create_physical_replication_slot($1, true, true)', [slot]);
    await session.query('SELECT pg_backup_start($1, true)', [slot]);
    const skip = (path: string) =>
      LEFT_OUT.has(path) ||
      path === `pg_replslot/${slot}` ||
      path.includes('pgsql_tmp') ||
      path.endsWith('/pg_internal.init');
    await copyTree(server.dataDirectory, destination, { owner, signal, skip, empty: EMPTY });
    await dropHalfCopiedSlots(destination);
    await copyControlFile(server.dataDirectory, destination, owner);
    const end = await endBackup(session);
    await copyWal(server.dataDirectory, destination, { lastSegment: end.segment, owner, signal });
    await writeOwned(join(destination, 'backup_label'), end.label, owner);
    return end.lsn;
  });
}

/** Ends in a WAL segment switch, so that the last segment of the copy is complete and will not be written to again. */
async function endBackup(session: Client): Promise<{ lsn: string; segment: string; label: string }> {
  const { rows } = await session.query<{ lsn: string; segment: string; label: string }>(
    'SELECT lsn::text, pg_walfile_name(lsn) AS segment, labelfile AS label FROM pg_backup_stop(false)',
  );
  const [row] = rows;
  if (!row) throw new Error('pg_backup_stop returned no row.');
  return row;
}

async function copyWal(
  source: string,
  destination: string,
  options: { lastSegment: string; owner: CopyTreeOptions['owner']; signal: AbortSignal | undefined },
): Promise<void> {
  const { lastSegment, owner, signal } = options;
  // Segments beyond the last are recycled files waiting for use; older ones are kept for slots, which the copy has, too.
  const skip = (path: string) => !/^[0-9A-F]{24}$/.test(path) || path > lastSegment;
  await copyTree(join(source, 'pg_wal'), join(destination, 'pg_wal'), { owner, signal, skip });
}

/** A slot dropped during the copy can leave a folder without its file, and a server panics over that. */
async function dropHalfCopiedSlots(destination: string): Promise<void> {
  for (const slot of await readdir(join(destination, 'pg_replslot'))) {
    const files = await readdir(join(destination, 'pg_replslot', slot));
    if (!files.includes('state')) await rm(join(destination, 'pg_replslot', slot), { recursive: true });
  }
}

/** The server rewrites this one file in place, so a copy could catch it half written: read until two readings agree. */
async function copyControlFile(source: string, destination: string, owner: CopyTreeOptions['owner']): Promise<void> {
  const path = join(source, 'global/pg_control');
  let content = await readFile(path);
  for (;;) {
    const again = await readFile(path);
    if (again.equals(content)) break;
    content = again;
  }
  await writeOwned(join(destination, 'global/pg_control'), content, owner);
}

async function writeOwned(path: string, content: string | Buffer, owner: CopyTreeOptions['owner']): Promise<void> {
  await writeFile(path, content, { mode: 0o600 });
  if (owner) await chown(path, owner.uid, owner.gid);
}
