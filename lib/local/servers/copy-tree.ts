/** Copies a folder file by file without blocking the event loop, as storage that other processes may be changing meanwhile. */
import { constants } from 'node:fs';
import { chown, copyFile, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';

export interface CopyTreeOptions {
  /** Owner of the copy; nobody may change owners but root. @default the current user */
  owner?: { uid: number; gid: number } | undefined;
  /** Files and folders that are left out, by their path from the source's root, with forward slashes. @default none */
  skip?: (relativePath: string) => boolean;
  /** Folders that are made, but stay empty. @default none */
  empty?: ReadonlySet<string>;
  /** Mode of the folders made. @default 0o700, what PostgreSQL demands of a data directory */
  folderMode?: number;
  signal?: AbortSignal | undefined;
}

/** As many as libuv has threads for file work: more would only queue there. */
const PARALLEL_COPIES = 4;

/** A file that vanishes between being listed and being copied is left out: a running server removes files at any time. */
export async function copyTree(source: string, destination: string, options: CopyTreeOptions = {}): Promise<void> {
  const files: string[] = [];
  await copyFolders(source, destination, '', { ...options, files });
  const workers = Array.from({ length: PARALLEL_COPIES }, async () => {
    for (let path = files.pop(); path !== undefined; path = files.pop()) {
      options.signal?.throwIfAborted();
      await copyOne(join(source, path), join(destination, path), options.owner);
    }
  });
  await Promise.all(workers);
}

async function copyFolders(
  source: string,
  destination: string,
  folder: string,
  options: CopyTreeOptions & { files: string[] },
): Promise<void> {
  const { owner, skip, empty, folderMode = 0o700, files } = options;
  const target = join(destination, folder);
  await mkdir(target, { recursive: true, mode: folderMode });
  if (owner) await chown(target, owner.uid, owner.gid);
  if (empty?.has(folder)) return;
  for (const entry of await readdir(join(source, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (skip?.(path)) continue;
    if (entry.isDirectory()) await copyFolders(source, destination, path, options);
    else if (entry.isSymbolicLink()) await symlink(await readlink(join(source, path)), join(destination, path));
    else if (entry.isFile()) files.push(path);
  }
}

async function copyOne(from: string, to: string, owner: CopyTreeOptions['owner']): Promise<void> {
  try {
    // Shares the blocks where the file system can (Btrfs, XFS, APFS), copies them where it cannot.
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    if (owner) await chown(to, owner.uid, owner.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
