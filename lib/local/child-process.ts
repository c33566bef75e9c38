/** Starts a source file of this package as a process of its own and asks it questions over IPC. */
import { fork, type ChildProcess as NodeChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import type { Answer } from './parent-process';

const STDERR_TAIL_CHARACTERS = 4_000;
const EXIT_GRACE_MS = 5_000;

/** What the child answered instead of a result; `code` is the system's or the server's error code when there is one. */
export class ChildRequestRefused extends Error {
  override readonly name = 'ChildRequestRefused';
  constructor(
    readonly request: string,
    readonly reason: string,
    readonly code: string | undefined,
  ) {
    super(`${request}: ${reason}`);
  }
}

export class ChildProcessLost extends Error {
  override readonly name = 'ChildProcessLost';
  constructor(
    readonly program: string,
    readonly pid: number | undefined,
    readonly end: string,
    readonly stderr: string,
  ) {
    super(`${program} (process ${pid ?? 'never started'}) is gone: ${end}; start it again${stderr && `\n${stderr}`}`);
  }
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export class ChildProcess {
  private readonly pending = new Map<number, Pending>();
  private readonly exited: Promise<void>;
  private lastId = 0;
  private stderr = '';
  private end: string | undefined;

  private constructor(
    private readonly program: string,
    private readonly child: NodeChildProcess,
  ) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-STDERR_TAIL_CHARACTERS);
    });
    child.on('message', (answer: Answer) => this.settle(answer));
    // Not the event 'close', which never comes once this side has disconnected.
    this.exited = new Promise((resolve) => {
      child.once('exit', async (code, signal) => {
        if (child.stderr && !child.stderr.closed) await once(child.stderr, 'close');
        this.lose(signal ? `ended by ${signal}` : `ended with exit code ${code}`);
        resolve();
      });
    });
    child.once('error', (cause) => this.lose(cause.message));
  }

  /**
   * @param source absolute path without extension: next to this file's TypeScript source or its compiled form,
   *   whichever is running.
   */
  static start(source: string): ChildProcess {
    const fromTypeScript = __filename.endsWith('.ts');
    const child = fork(`${source}${fromTypeScript ? '.ts' : '.js'}`, [], {
      // out of reach of a terminal's Ctrl-C: until the child has its handlers, that would end it
      detached: true,
      execArgv: fromTypeScript ? ['--require', require.resolve('tsx/cjs')] : [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    return new ChildProcess(basename(source), child);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * @throws ChildRequestRefused when the child answers with an error
   * @throws ChildProcessLost when the child ends before it answers
   */
  request<Result>(request: string, body: object = {}): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (this.end !== undefined) return reject(this.lost(this.end));
      this.lastId += 1;
      this.pending.set(this.lastId, { resolve: (result) => resolve(result as Result), reject });
      // A failed send is followed by the child's exit, which rejects everything pending with more to say.
      this.child.send({ id: this.lastId, request, body }, () => undefined);
    });
  }

  /** Closing the channel is the order to end: it is also what the child sees when this process dies. */
  async stop(): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    const kill = setTimeout(() => this.child.kill('SIGKILL'), EXIT_GRACE_MS);
    await this.exited;
    clearTimeout(kill);
  }

  private settle(answer: Answer): void {
    const pending = this.pending.get(answer.id);
    this.pending.delete(answer.id);
    if ('error' in answer) {
      pending?.reject(new ChildRequestRefused(answer.request, answer.error.message, answer.error.code));
    } else {
      pending?.resolve(answer.result);
    }
  }

  private lose(end: string): void {
    this.end ??= end;
    for (const pending of this.pending.values()) pending.reject(this.lost(this.end));
    this.pending.clear();
  }

  private lost(end: string): ChildProcessLost {
    return new ChildProcessLost(this.program, this.child.pid, end, this.stderr.trim());
  }
}
