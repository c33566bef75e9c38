/** Finds and ends the server processes that work in a data directory, whoever started them. */
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isAlive } from '../../reaper/process-identity';

const POLL_MS = 20;
/** The postmaster itself gives its children five seconds before it kills them. */
const PATIENCE_MS = 8_000;

/**
 * Ends every server process that works in this data directory, and waits until they are gone, so that a new server can take
 * the directory over from one that a killed runtime left, or that crashed.
 *
 * A postmaster that was killed leaves its backends behind for a moment, and the next server refuses to start as long as one
 * of them lives. SIGQUIT means "stop at once, recover at the next start" to both. Nothing but processes whose working
 * directory is this very folder is touched: a pid found in a file alone may long belong to somebody else.
 *
 * Then the pid file goes, too. A server would remove a stale one itself, but takes it for a live one while the dead process
 * waits to be collected, which never happens in a container whose first process is no init.
 */
export async function endStaleServer(dataDirectory: string): Promise<void> {
  const directory = await realpath(dataDirectory);
  const deadline = Date.now() + PATIENCE_MS;
  const asked = new Set<number>();
  for (;;) {
    const pids = await serverProcesses(directory);
    if (pids.length === 0) break;
    for (const pid of pids) {
      if (Date.now() > deadline) signal(pid, 'SIGKILL');
      else if (!asked.has(pid)) signal(pid, 'SIGQUIT');
      asked.add(pid);
    }
    await pause(POLL_MS);
  }
  await rm(join(directory, 'postmaster.pid'), { force: true });
}

/** Kills every server process that works in this data directory, sessions included, and waits until they are gone. */
export async function killServerProcesses(dataDirectory: string): Promise<void> {
  const directory = await realpath(dataDirectory).catch(() => undefined);
  while (directory !== undefined) {
    const pids = await serverProcesses(directory);
    if (pids.length === 0) return;
    for (const pid of pids) signal(pid, 'SIGKILL');
    await pause(POLL_MS);
  }
}

async function serverProcesses(directory: string): Promise<number[]> {
  if (process.platform !== 'linux') return postmasterByFile(directory);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
      if (cwd !== directory) return undefined;
      const command = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      return command.trim() === 'postgres' ? Number(pid) : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined);
}

/** Where there is no /proc: the pid file's process, if it still is a server started on this directory. */
async function postmasterByFile(directory: string): Promise<number[]> {
  const file = await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(file, 10);
  if (!(pid > 0) || !isAlive(pid)) return [];
  const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return stdout.includes(directory) ? [pid] : [];
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself between being seen and being told to.
  }
}
