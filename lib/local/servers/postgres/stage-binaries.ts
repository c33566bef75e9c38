/** Copies a package's server binaries to a folder the server user can reach, made complete, and like RDS's, on the way. */
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { copyTree } from '../copy-tree';
import { makeOpenFolder } from '../open-folder';
import { PostgresBinariesUnusable } from './errors';
import { RDS_EXTENSION_FILES } from './rds-extensions';

/** Part of the copy's name, so that one with other extensions is another. */
const ADDED = createHash('sha256').update(JSON.stringify(RDS_EXTENSION_FILES)).digest('hex').slice(0, 10);

/**
 * Stages the `native` folder of a package once per version, atomically: two runtimes may do it at the same time.
 *
 * The shared libraries' links are not in an npm tarball; the package's install script makes them, if scripts were allowed
 * to run. Here they are made from the list that the package carries.
 */
export async function stageBinaries(packageFolder: string, version: string, stageFolder: string): Promise<string> {
  await makeOpenFolder(stageFolder, 0o755);
  await requireOwnFolder(stageFolder);
  const staged = join(stageFolder, `${basename(packageFolder)}-${version}-${ADDED}`);
  if (await exists(staged)) return staged;
  const scratch = await mkdtemp(join(stageFolder, 'staging-'));
  try {
    await copyTree(join(packageFolder, 'native'), join(scratch, 'native'), { folderMode: 0o755 });
    await makeLinks(packageFolder, scratch);
    await addExtensions(scratch);
    await openToEverybody(scratch);
    await rename(scratch, staged);
  } catch (error) {
    await rm(scratch, { recursive: true, force: true });
    if (!(await exists(staged))) throw error;
  }
  return staged;
}

/** In a shared temporary folder somebody else could have put programs of theirs under our name: those are never run. */
async function requireOwnFolder(folder: string): Promise<void> {
  const { uid, mode } = await stat(folder);
  const own = process.getuid?.();
  if (own !== undefined && (uid !== own || (mode & 0o022) !== 0)) {
    throw new PostgresBinariesUnusable(folder, 'that folder belongs to, or can be written by, another user');
  }
}

async function makeLinks(packageFolder: string, scratch: string): Promise<void> {
  const list = JSON.parse(await readFile(join(packageFolder, 'native/pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    const link = join(scratch, target);
    if (!(await exists(link))) await symlink(relative(dirname(target), source), link);
  }
}

async function addExtensions(scratch: string): Promise<void> {
  for (const [name, content] of Object.entries(RDS_EXTENSION_FILES)) {
    await writeFile(join(scratch, 'native/share/postgresql/extension', name), content);
  }
}

async function openToEverybody(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const executable = entry.isDirectory() || basename(dirname(path)) === 'bin';
    if (!entry.isSymbolicLink()) await chmod(path, executable ? 0o755 : 0o644);
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
