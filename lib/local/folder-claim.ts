/** Makes sure that only one runtime at a time works on a state folder: a second one would stop the servers of the first. */

import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '../core/expected-error';
import { processStartedAt } from './reaper/process-identity';

const FILE = 'owner.json';

export class StateFolderInUse extends ExpectedError {
  override readonly name = 'StateFolderInUse';

  constructor(
    readonly folder: string,
    readonly pid: number,
  ) {
    super(
      `The state folder ${folder} is used by another local runtime, process ${pid}. Wait until that one has ended, end it, ` +
        'or choose another state folder.',
    );
  }
}

/**
 * @returns gives the folder back
 * @throws StateFolderInUse
 */
export async function claimFolder(folder: string, pid = process.pid): Promise<() => Promise<void>> {
  const path = join(folder, FILE);
  const claim = `${path}.${pid}`;
  await writeFile(claim, JSON.stringify({ pid, startedAt: await processStartedAt(pid) }), { mode: 0o600 });
  try {
    for (;;) {
      try {
        await link(claim, path); // of two that come at once one gets the name, and the file under it is complete
        return () => rm(path, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = parseOwner(await readFile(path, 'utf8').catch(() => '{}'));
      const alive = owner.pid !== undefined && (await processStartedAt(owner.pid)) === owner.startedAt;
      if (alive && owner.pid !== undefined) throw new StateFolderInUse(folder, owner.pid);
      await rm(path, { force: true });
    }
  } finally {
    await rm(claim, { force: true });
  }
}

/** A file cut short by a killed runtime names nobody. */
function parseOwner(text: string): { pid?: number; startedAt?: string } {
  try {
    return JSON.parse(text) as { pid?: number; startedAt?: string };
  } catch {
    return {};
  }
}
