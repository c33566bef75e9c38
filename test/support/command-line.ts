/** Starts the command line as a user would, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLine {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when the text has appeared on either output. */
  saw(text: string): Promise<void>;
}

export interface CommandLineOptions {
  readonly cwd?: string;
  /** In a process group of its own, as a terminal would start it. */
  readonly detached?: boolean;
}

export function bluegreen(args: readonly string[], options: CommandLineOptions = {}): CommandLine {
  const child = spawn(
    process.execPath,
    ['--require', require.resolve('tsx/cjs'), join(ROOT, 'bin', 'bluegreen.ts'), ...args],
    {
      cwd: options.cwd ?? ROOT,
      detached: options.detached ?? false,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = { stdout: '', stderr: '' };
  const watchers: { text: string; resolve: () => void }[] = [];
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      for (const watcher of watchers) {
        if (output.stdout.includes(watcher.text) || output.stderr.includes(watcher.text)) {
          watcher.resolve();
        }
      }
    });
  }
  return {
    process: child,
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, ...output }))),
    saw: (text) => new Promise((resolve) => watchers.push({ text, resolve })),
  };
}

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every process of this machine that is alive; zombies are not. */
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

/** Resolves when none of these processes is alive any more. */
export async function untilGone(pids: readonly number[], deadlineMs = 20_000): Promise<void> {
  const until = Date.now() + deadlineMs;
  for (;;) {
    const alive = processes().filter(({ pid }) => pids.includes(pid));
    if (alive.length === 0) {
      return;
    }
    if (Date.now() > until) {
      throw new Error(`still alive: ${alive.map(({ pid, command }) => `${pid} ${command}`).join('; ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
