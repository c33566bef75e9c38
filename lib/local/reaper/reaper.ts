/** Makes sure that no process the runtime started outlives it, not even when the runtime itself is killed with SIGKILL. */
import { type ChildProcess, spawn } from 'node:child_process';
import { REAPER_PROGRAM } from './reaper-program';

export interface WatchOptions {
  /**
   * Sent when the runtime is gone; what is still alive ten seconds later gets SIGKILL.
   *
   * @default SIGKILL
   */
  signal?: NodeJS.Signals;
  /** Whether the signal goes to the process group led by this pid. @default false */
  group?: boolean;
}

/**
 * A detached helper process that reads from a pipe which only the runtime holds. The kernel closes that pipe however the
 * runtime ends, and then the helper ends every process it was told to watch and has not been told to forget.
 */
export class Reaper {
  private constructor(private readonly child: ChildProcess) {}

  static start(): Reaper {
    const child = spawn(process.execPath, ['-e', REAPER_PROGRAM], {
      cwd: '/',
      detached: true,
      env: {},
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // Neither the helper nor its pipe may keep the runtime's event loop alive.
    child.unref();
    (child.stdin as unknown as { unref(): void }).unref();
    // If someone ends the helper there is nothing left to tell it; the runtime goes on and ends its servers itself.
    child.stdin?.on('error', () => undefined);
    child.on('error', () => undefined);
    return new Reaper(child);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  watch(pid: number, { signal = 'SIGKILL', group = false }: WatchOptions = {}): void {
    this.tell(`watch ${pid} ${signal} ${group ? 'group' : 'single'}`);
  }

  forget(pid: number): void {
    this.tell(`forget ${pid}`);
  }

  /** Ends whatever is still watched, and then the helper itself. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined) return;
    const exited = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
    this.child.ref();
    this.child.stdin?.end();
    await exited;
  }

  private tell(line: string): void {
    if (this.child.stdin?.writable) this.child.stdin.write(`${line}\n`);
  }
}
