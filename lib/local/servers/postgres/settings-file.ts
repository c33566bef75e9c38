/** The configuration file through which the local runtime sets a server's parameters. */
import { chown, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerSettings } from '../server';
import type { ServerUser } from './server-user';

export const SETTINGS_FILE = 'rds.conf';

/** Written whole and moved into place: a reload in between must not see half of it. */
export async function writeSettings(
  dataDirectory: string,
  settings: ServerSettings,
  owner: ServerUser | undefined,
): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
  const temporary = join(dataDirectory, `${SETTINGS_FILE}.new`);
  await writeFile(temporary, lines.join(''), { mode: 0o600 });
  if (owner) await chown(temporary, owner.uid, owner.gid);
  await rename(temporary, join(dataDirectory, SETTINGS_FILE));
}
