/** Starts the command line as a user would, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { compiledProgram } from './compiled-program';
import { childOfTest } from './lifetime/of-test';

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
  const child = childOfTest(
    spawn(process.execPath, [compiledProgram(), ...args], {
      cwd: options.cwd ?? ROOT,
      detached: options.detached ?? false,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
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

/** Options of a local run beside others, whose waits are short. */
export const QUICK = ['--port', '0', '--pace', '1000'];

/** @returns what a command prints that is to be refused, without a stack of calls */
export async function refused(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await bluegreen(args).ended;
  expect(code).toBe(2);
  expect(stderr).not.toMatch(/^ +at /m);
  return stdout + stderr;
}
