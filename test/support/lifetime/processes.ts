/** The processes of this machine: who is whose child, and ending them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

const POLL_MS = 50;
/** Ending in order takes a server no longer. */
const ORDER_MS = 5_000;

/** Every process that is alive; zombies are not. */
export function processes(): ProcessFacts[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        return []; // it ended while we looked
      }
    });
}

export function descendants(pid: number): ProcessFacts[] {
  const all = processes();
  const found: ProcessFacts[] = [];
  let parents = [pid];
  while (parents.length > 0) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map((child) => child.pid);
  }
  return found;
}

/** Where that can be found out. */
export function childrenOf(parent: number): number[] {
  return existsSync('/proc') ? processes().flatMap((one) => (one.parent === parent ? [one.pid] : [])) : [];
}

/** Resolves when none of these processes is alive any more. */
export async function untilGone(pids: readonly number[], patienceMs = 300_000): Promise<void> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const alive = processes().filter(({ pid }) => pids.includes(pid));
    if (alive.length === 0) {
      return;
    }
    if (Date.now() > until) {
      throw new Error(`still alive: ${alive.map(({ pid, command }) => `${pid} ${command}`).join('; ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** With all that they started: first asked by the signal that also a server obeys at once, then ended. */
export async function endProcesses(pids: readonly number[]): Promise<void> {
  const all = pids.flatMap((pid) => [pid, ...descendants(pid).map((child) => child.pid)]);
  for (const signal of ['SIGQUIT', 'SIGKILL'] as const) {
    for (const pid of all) {
      send(pid, signal);
    }
    await untilGone(all, ORDER_MS).catch(() => undefined);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone
  }
}
