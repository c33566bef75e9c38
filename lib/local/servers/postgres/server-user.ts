/** Decides which user the PostgreSQL servers run as, because PostgreSQL refuses to run as root. */
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { NoServerUser, StateFolderUnreachable } from './errors';

export interface ServerUser {
  name: string;
  uid: number;
  gid: number;
}

/**
 * The user to switch to, or undefined when we can run the servers as ourselves. It has to exist in passwd: initdb looks it up.
 *
 * @throws NoServerUser
 */
export async function findServerUser(
  ownUid: number | undefined = process.getuid?.(),
  passwdFile = '/etc/passwd',
): Promise<ServerUser | undefined> {
  if (ownUid !== 0) return undefined;
  const users = (await readFile(passwdFile, 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const entry = users.find((fields) => fields[0] === name);
    if (entry) return { name, uid: Number(entry[2]), gid: Number(entry[3]) };
  }
  throw new NoServerUser();
}

/** @throws StateFolderUnreachable when a folder on the way down to `folder` lets `user` not pass. */
export async function requireReachable(folder: string, user: ServerUser | undefined): Promise<void> {
  if (!user) return;
  for (let step = folder; ; step = dirname(step)) {
    const { mode, uid, gid } = await stat(step);
    const mayEnter = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & mayEnter) === 0) throw new StateFolderUnreachable(folder, step, user.name);
    if (step === dirname(step)) return;
  }
}
